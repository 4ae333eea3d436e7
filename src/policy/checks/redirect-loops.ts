import { coversHost } from '../../core/host-cover.ts';
import { DEFAULT_PORTS } from '../../core/origin.ts';
import type { Findings } from '../issues/issue.ts';
import { isReservedPath, isWithin, parsePathPattern } from '../rules/path-pattern.ts';
import type {
  HostRules,
  PathPattern,
  PolicySnapshot,
  RedirectAnswer,
  Rule,
} from '../snapshot/snapshot.ts';
import type { MapNode, Path } from '../source/source.ts';
import { keySpanAt, tokenSpanAt } from '../source/source.ts';

/** As many as browsers follow, about; a policy with more in a row has other troubles. */
const MOST_HOPS = 20;

/** Requests on their way through redirects: all of one pattern, as the policy writes it. */
interface Way {
  readonly host: HostRules | undefined;
  readonly path: string;
  readonly method: string;
}

/** W316: redirects whose clients come back to the same rule, at once or by way of others. */
export function lintRedirects(root: MapNode, snapshot: PolicySnapshot, findings: Findings): void {
  const { exact, wildcards } = snapshot.routes;
  const told = new Set<Rule>();
  for (const host of [...exact.values(), ...wildcards]) {
    for (const rule of host.rules) {
      if (told.has(rule) || redirectOf(rule) === undefined) continue;
      const between = loopOf({ rule, host }, snapshot);
      if (between === undefined) continue;
      told.add(rule);
      report(root, { rule, host, between }, findings);
    }
  }
}

/** The rules that lie between a redirect and itself; undefined: it leads somewhere. */
function loopOf(
  { rule, host }: { readonly rule: Rule; readonly host: HostRules },
  snapshot: PolicySnapshot,
): readonly Rule[] | undefined {
  const between: Rule[] = [];
  let way: Way = { host, path: rule.path, method: methodOf(rule) };
  for (let at: Rule | undefined = rule; between.length < MOST_HOPS;) {
    const redirect = redirectOf(at);
    const next: Way | undefined = redirect && follow(redirect, way, snapshot);
    at = next && ruleFor(next);
    if (next === undefined || at === undefined) return undefined;
    if (at === rule) return between;
    between.push(at);
    way = next;
  }
  return undefined;
}

/** Of the fields that a rule wants nobody knows whether they are sent again. */
function redirectOf({ answer, matchHeaders }: Rule): RedirectAnswer | undefined {
  return answer?.kind === 'redirect' && matchHeaders === undefined ? answer : undefined;
}

function methodOf({ methods }: Rule): string {
  return methods === undefined || methods.has('GET') ? 'GET' : [...methods][0]!;
}

/** Undefined: to where this gateway does not answer, as far as the policy tells. */
function follow(redirect: RedirectAnswer, way: Way, snapshot: PolicySnapshot): Way | undefined {
  // Requests that get here came by https, and what is at the http port need not be ours.
  if (redirect.scheme === 'http') return undefined;
  const [written = ''] = redirect.path.join('').split('?');
  const host = redirect.host === undefined ? way.host : hostOf(redirect.host, snapshot);
  const method = redirect.status === 303 ? 'GET' : way.method;
  return { host, path: written.replace('{path}', way.path), method };
}

function hostOf(text: string, { gateway, routes }: PolicySnapshot): HostRules | undefined {
  const [name = '', port] = text.split(':');
  const ports: readonly (number | undefined)[] = [DEFAULT_PORTS.https, gateway.publicPort];
  if (port !== undefined && !ports.includes(Number(port))) return undefined;
  return routes.exact.get(name) ?? routes.wildcards.find((each) => coversHost(each, name));
}

/** The rule that takes all of these requests; one of a longer path may still take some of them. */
function ruleFor({ host, path, method }: Way): Rule | undefined {
  const pattern = parsePathPattern(path);
  if (pattern.kind === 'wrong' || isReservedPath(pattern.value)) return undefined;
  return host?.rules.find(
    (rule) =>
      takesAll(rule.pattern, pattern.value) &&
      rule.matchHeaders === undefined &&
      (rule.methods === undefined || rule.methods.has(method)),
  );
}

function takesAll(outer: PathPattern, inner: PathPattern): boolean {
  const isSame = outer.kind === inner.kind && outer.literal === inner.literal;
  return isSame || isWithin(inner, outer);
}

interface Loop {
  readonly rule: Rule;
  readonly host: HostRules;
  readonly between: readonly Rule[];
}

function report(root: MapNode, { rule, host, between }: Loop, findings: Findings): void {
  const route: Path = ['routes', rule.route];
  const places = [
    [...route, 'paths', rule.path, 'redirect'],
    [...route, 'redirect'],
  ];
  const path = places.find((each) => keySpanAt(root, each) !== undefined) ?? route;
  const others = [...new Set(between.map((each) => `routes.${each.route}`))].join(', ');
  const by = between.length === 0 ? '' : ` by way of ${others}`;
  const message = `the redirect of ${host.host}${rule.path} leads back to itself${by}`;
  const hint = 'clients would follow it for ever: name a place that another rule takes';
  findings.add({
    code: 'W316',
    message,
    hint,
    path,
    at: keySpanAt(root, path) ?? tokenSpanAt(root, path),
  });
}
