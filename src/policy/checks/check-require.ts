import { effectiveRules, isPublic } from '../rules/effective-auth.ts';
import type { EffectiveRule } from '../rules/effective-auth.ts';
import { parseClaimKey, parseClaimPath } from '../rules/claim-path.ts';
import { quoted } from '../issues/explain-zod.ts';
import { placeText } from '../issues/issue.ts';
import type { Findings } from '../issues/issue.ts';
import type { MapNode, Path, SourceNode, Span } from '../source/source.ts';
import { childOf, entriesOf, itemsOf, textOf } from '../source/source.ts';

export interface RequiringRoute {
  readonly node: SourceNode;
  readonly path: Path;
  readonly rules: readonly EffectiveRule[];
}

/**
 * Requirements that nobody could ever meet, or that nobody would be asked for: `require` where `auth` is
 * public (E307), two `acr` for one request (E308), claims of a provider that is not asked beside
 * another (E309). A requirement that is left unheeded would be an open door.
 */
export function checkRequire(route: RequiringRoute, findings: Findings): void {
  const { rules } = route;
  const required = entriesOf(route.node).find(([key]) => key === 'require')?.[1];
  if (required !== undefined && rules.every(({ auth }) => isPublic(auth))) {
    reportPublic([...route.path, 'require'], required.key, findings);
  }
  checkBesides(route.node, { path: route.path, asked: rules.flatMap(besides), findings });
  for (const rule of rules) {
    if (rule.own === undefined) continue;
    const { pattern, entry } = rule.own;
    const path = [...route.path, 'paths', pattern];
    const own = entriesOf(entry.node).find(([key]) => key === 'require')?.[1];
    if (own !== undefined && isPublic(rule.auth))
      reportPublic([...path, 'require'], own.key, findings);
    else checkAcr(childOf(required?.node, 'acr'), childOf(own?.node, 'acr'), path, findings);
    checkBesides(entry.node, { path, asked: besides(rule), findings });
  }
}

function reportPublic(path: Path, at: Span, findings: Findings): void {
  const message = '"require" has no effect: "auth" is public here';
  const hint = 'name a provider in "auth", or remove it';
  findings.add({ code: 'E307', message, hint, path, at });
}

function checkAcr(
  route: SourceNode | undefined,
  own: SourceNode | undefined,
  path: Path,
  findings: Findings,
): void {
  const [outer, inner] = [textOf(route), textOf(own)];
  if (outer === undefined || inner === undefined || outer === inner) return;
  const message = `acr ${quoted(inner)} beside ${quoted(outer)} of the route (${placeText(route!.span)}): a path adds to its route, and a login has one acr`;
  const hint = 'give each path its own "require", and the route none';
  findings.add({ code: 'E308', message, hint, path: [...path, 'require', 'acr'], at: own!.span });
}

/** The providers of `{ all: [...] }` whose claims are under `identity.with`: all but the first. */
function besides({ auth }: Pick<EffectiveRule, 'auth'>): readonly string[] {
  const [, ...others] = itemsOf(childOf(auth, 'all'));
  return others.flatMap((item) => textOf(item) ?? []);
}

interface BesidesPlace {
  readonly path: Path;
  readonly asked: readonly string[];
  readonly findings: Findings;
}

function checkBesides(rule: SourceNode, { path, asked, findings }: BesidesPlace): void {
  for (const [claim, { key }] of entriesOf(childOf(childOf(rule, 'require'), 'claims'))) {
    const place = [...path, 'require', 'claims', claim];
    if (isMissing(parseClaimKey(claim), asked)) reportBesides(claim, place, key, findings);
  }
  const identity = childOf(childOf(rule, 'headers'), 'identity');
  for (const [name, { node }] of entriesOf(identity)) {
    const text = textOf(node) ?? '';
    const place = [...path, 'headers', 'identity', name];
    if (isMissing(parseClaimPath(text), asked)) reportBesides(text, place, node.span, findings);
  }
}

function isMissing(path: ReturnType<typeof parseClaimPath>, asked: readonly string[]): boolean {
  return path?.kind === 'with' && !asked.includes(path.provider);
}

function reportBesides(text: string, path: Path, at: Span, findings: Findings): void {
  const message = `${quoted(text)} is never there: no "auth" here asks that provider beside another`;
  const hint =
    'identity.with has the providers of "auth: { all: [...] }" but the first; of that one, write identity.claims';
  findings.add({ code: 'E309', message, hint, path, at });
}

/** `tenants` counts for all routes: one that asks the provider is enough. */
export function checkTenantPaths(root: MapNode, findings: Findings): void {
  const asked = effectiveRules(root).flatMap(besides);
  const tenants = childOf(root, 'tenants');
  const places: readonly [Path, SourceNode | undefined][] = [
    [['tenants', 'id'], childOf(tenants, 'id')],
    [['tenants', 'tier', 'from'], childOf(childOf(tenants, 'tier'), 'from')],
  ];
  for (const [path, node] of places) {
    const text = textOf(node) ?? '';
    if (isMissing(parseClaimPath(text), asked)) reportBesides(text, path, node!.span, findings);
  }
}
