import { fieldOf } from '../rules/effective-rule.ts';
import type { EffectiveRule } from '../rules/effective-rule.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { Parsed } from '../rules/hosts.ts';
import { parseHost } from '../rules/hosts.ts';
import type { IssueCode } from '../issues/issue-codes.ts';
import type { Findings } from '../issues/issue.ts';
import { isReservedPath, parsePathPattern } from '../rules/path-pattern.ts';
import type { Path, SourceNode, Span } from '../source/source.ts';
import { childOf, entriesOf, itemsOf, textOf } from '../source/source.ts';
import { Claims } from './claims.ts';
import type { WrittenSet } from './written-set.ts';

/** Hosts, paths, missing auth, and two rules for the same requests. */
export function checkRoutes({ root, rules }: WrittenSet, findings: Findings): void {
  const claims = new Claims(findings);
  for (const [name, { node, key }] of entriesOf(childOf(root, 'routes'))) {
    const route = { name, node, key, path: ['routes', name] };
    const own = rules.get(name);
    checkAuth(route, own ?? [], findings);
    const hosts = hostsOf(route, findings);
    const broken = reportPaths(route, findings);
    for (const host of hosts) {
      if (own === undefined) claims.takeWhole({ ...host, route: name });
      for (const rule of own ?? []) {
        if (!broken.has(rule.path)) claims.take({ ...host, route: name }, rule);
      }
    }
  }
}

interface RouteAt {
  readonly name: string;
  readonly node: SourceNode;
  readonly key: Span;
  readonly path: Path;
}

/** A normal form and where it is written. */
interface Written {
  readonly text: string;
  readonly path: Path;
  readonly at: Span;
}

/** Closed by default: who may pass is said, or nothing starts (E210). */
function checkAuth(route: RouteAt, rules: readonly EffectiveRule[], findings: Findings): void {
  const open = rules.filter((rule) => fieldOf(rule, 'auth').said.length === 0);
  const isWhole = open.some(({ own }) => own === undefined);
  for (const rule of open) {
    const { path: pattern, own } = rule;
    if (own === undefined) {
      reportNoAuth(findings, `routes.${route.name} has`, route.path, route.key);
      continue;
    }
    // What the route lacks and its paths would inherit is said once, at the route.
    if (isWhole && fieldOf(rule, 'auth').reset?.level !== 'path') continue;
    const path = [...route.path, 'paths', pattern];
    reportNoAuth(findings, `routes.${route.name}, path ${pattern}, has`, path, own.key);
  }
}

function reportNoAuth(findings: Findings, subject: string, path: Path, at: Span): void {
  const message = `${subject} no auth`;
  const hint = 'add "auth:" with a provider, or "auth: public" for no login';
  findings.add({ code: 'E210', message, hint, path, at });
}

function hostsOf(route: RouteAt, findings: Findings): Written[] {
  const host = childOf(route.node, 'host');
  const path = [...route.path, 'host'];
  if (host?.kind !== 'list') return written(host, path, findings);
  return itemsOf(host).flatMap((item, index) => written(item, [...path, index], findings));
}

function written(node: SourceNode | undefined, path: Path, findings: Findings): Written[] {
  const text = textOf(node);
  if (node === undefined || text === undefined || text === '') return [];
  const parsed = parseHost(text);
  if (parsed.kind === 'ok') return [{ text: parsed.value.host, path, at: node.span }];
  reportForm('E301', `the host ${quoted(text)}`, parsed, { path, at: node.span, findings });
  return [];
}

/** The paths that no request can be matched with. */
function reportPaths(route: RouteAt, findings: Findings): ReadonlySet<string> {
  const broken = new Set<string>();
  for (const [text, entry] of entriesOf(childOf(route.node, 'paths'))) {
    const path = [...route.path, 'paths', text];
    const parsed = parsePathPattern(text);
    if (parsed.kind === 'wrong') {
      reportForm('E302', `the path ${quoted(text)}`, parsed, { path, at: entry.key, findings });
    } else if (isReservedPath(parsed.value)) {
      const message = `the path ${quoted(text)} is reserved: all below /.fairlead is the gateway's own`;
      findings.add({ code: 'E305', message, path, at: entry.key });
    } else continue;
    broken.add(text);
  }
  return broken;
}

function reportForm(
  code: IssueCode,
  subject: string,
  wrong: Extract<Parsed<never>, { kind: 'wrong' }>,
  place: { readonly path: Path; readonly at: Span; readonly findings: Findings },
): void {
  const { path, at, findings } = place;
  findings.add({ code, message: `${subject} ${wrong.reason}`, hint: wrong.hint, path, at });
}
