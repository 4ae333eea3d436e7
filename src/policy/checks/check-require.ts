import { fieldOf, lastOf } from '../rules/effective-rule.ts';
import type { EffectiveRule, Said } from '../rules/effective-rule.ts';
import { saysSomething } from '../rules/levels.ts';
import type { Level } from '../rules/levels.ts';
import { claimPathText, parseClaimKey, parseClaimPath } from '../rules/claim-path.ts';
import { placeholdersIn } from '../rules/field-template.ts';
import type { FieldSource } from '../snapshot/snapshot.ts';
import { quoted } from '../issues/schema-issues.ts';
import { placeText } from '../issues/issue.ts';
import type { Findings } from '../issues/issue.ts';
import type { MapNode, Path, SourceNode, Span } from '../source/source.ts';
import { childOf, entriesOf, itemsOf, nodeAt, textOf } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/**
 * Requirements that no identity can meet, or that have no effect: `require` where `auth` is
 * public (E307), two `acr` for one request (E308), claims of a provider that is not asked beside
 * another (E309). A requirement without effect would be an open door.
 */
export function checkRequire({ root, rules }: WrittenSet, findings: Findings): void {
  const all = [...rules.values()].flat();
  for (const rule of all) checkAcr(fieldOf(rule, 'require').said, findings);
  for (const [level, governed] of rulesByLevel(all)) {
    checkHeeded(level, governed, findings);
    checkFurtherClaims(level, governed.flatMap(furtherProviders), findings);
  }
  checkTenantPaths(root, all.flatMap(furtherProviders), findings);
}

/** The rules that each level has a part in. */
function rulesByLevel(rules: readonly EffectiveRule[]): ReadonlyMap<Level, EffectiveRule[]> {
  const byLevel = new Map<Level, EffectiveRule[]>();
  for (const rule of rules) {
    for (const level of rule.levels) {
      const governed = byLevel.get(level);
      if (governed === undefined) byLevel.set(level, [rule]);
      else governed.push(rule);
    }
  }
  return byLevel;
}

/** A `require` that is in no rule has been dropped by `auth: public` in each. */
function checkHeeded(
  { path, node, use }: Level,
  governed: readonly EffectiveRule[],
  findings: Findings,
): void {
  const required = entriesOf(node).find(([key]) => key === 'require')?.[1];
  if (required === undefined || !saysSomething(required.node)) return;
  const isHeeded = governed.some((rule) =>
    fieldOf(rule, 'require').said.some((said) => said.node === required.node),
  );
  if (isHeeded) return;
  const own = { path: [...path, 'require'], at: required.key };
  const place = use === undefined ? own : { path: use.path, at: use.node.span };
  reportPublic(
    use === undefined ? '"require"' : `"require" of profiles.${use.name}`,
    place,
    findings,
  );
}

function reportPublic(
  what: string,
  { path, at }: { readonly path: Path; readonly at: Span },
  findings: Findings,
): void {
  const message = `${what} has no effect: "auth" is public here`;
  const hint = 'name a provider in "auth", or remove it';
  findings.add({ code: 'E307', message, hint, path, at });
}

function checkAcr(required: readonly Said[], findings: Findings): void {
  const [outer, ...inner] = required.filter(({ node }) => acrOf(node) !== undefined);
  for (const { path, node } of inner) {
    const [first, own] = [acrOf(outer!.node)!, acrOf(node)!];
    if (first === own) continue;
    const place = placeText(childOf(outer!.node, 'acr')!.span);
    const message = `acr ${quoted(own)} beside ${quoted(first)} of the ${outer!.level} (${place}): a path adds to its route, and a login has one acr`;
    const hint = 'give each path its own "require", and the route none';
    const at = childOf(node, 'acr')!.span;
    findings.add({ code: 'E308', message, hint, path: [...path, 'acr'], at });
  }
}

function acrOf(require: SourceNode): string | undefined {
  return textOf(childOf(require, 'acr'));
}

/** The providers of `{ all: [...] }` whose claims are under `identity.with`: all but the first. */
function furtherProviders(rule: EffectiveRule): readonly string[] {
  const [, ...others] = itemsOf(childOf(lastOf(rule, 'auth')?.node, 'all'));
  return others.flatMap((item) => textOf(item) ?? []);
}

function checkFurtherClaims(
  { path, node: level }: Level,
  asked: readonly string[],
  findings: Findings,
): void {
  for (const [claim, { key }] of entriesOf(childOf(childOf(level, 'require'), 'claims'))) {
    const place = [...path, 'require', 'claims', claim];
    if (isMissing(parseClaimKey(claim), asked)) reportUnknownClaim(claim, place, key, findings);
  }
  checkFurtherPlaceholders({ path, node: level }, asked, findings);
  const identity = childOf(childOf(level, 'headers'), 'identity');
  for (const [name, { node }] of entriesOf(identity)) {
    const text = textOf(node) ?? '';
    const place = [...path, 'headers', 'identity', name];
    if (isMissing(parseClaimPath(text), asked))
      reportUnknownClaim(text, place, node.span, findings);
  }
}

const TEMPLATES = ['request', 'response'].flatMap((to) => [
  ['headers', to, 'set'],
  ['headers', to, 'add'],
]);

/** In texts of `headers.request` and `headers.response`. */
function checkFurtherPlaceholders(
  { path, node: level }: Pick<Level, 'path' | 'node'>,
  asked: readonly string[],
  findings: Findings,
): void {
  for (const keys of TEMPLATES) {
    for (const [name, { node }] of entriesOf(level && nodeAt(level, keys))) {
      const missing = placeholdersIn(node).find((source) => isMissing(source, asked));
      if (missing?.kind !== 'with') continue;
      reportUnknownClaim(claimPathText(missing), [...path, ...keys, name], node.span, findings);
    }
  }
}

function isMissing(path: FieldSource | undefined, asked: readonly string[]): boolean {
  return path?.kind === 'with' && !asked.includes(path.provider);
}

function reportUnknownClaim(text: string, path: Path, at: Span, findings: Findings): void {
  const message = `${quoted(text)} is never there: no "auth" here asks that provider beside another`;
  const hint =
    'identity.with has the providers of "auth: { all: [...] }" but the first; of that one, write identity.claims';
  findings.add({ code: 'E309', message, hint, path, at });
}

/** `tenants` counts for all routes: one that asks the provider is enough. */
function checkTenantPaths(root: MapNode, asked: readonly string[], findings: Findings): void {
  const tenants = childOf(root, 'tenants');
  const places: readonly [Path, SourceNode | undefined][] = [
    [['tenants', 'id'], childOf(tenants, 'id')],
    [['tenants', 'tier', 'from'], childOf(childOf(tenants, 'tier'), 'from')],
  ];
  for (const [path, node] of places) {
    const text = textOf(node) ?? '';
    if (isMissing(parseClaimPath(text), asked))
      reportUnknownClaim(text, path, node!.span, findings);
  }
}
