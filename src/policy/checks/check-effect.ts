import type { Findings } from '../issues/issue.ts';
import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, textOf } from '../source/source.ts';
import { fieldOf, lastOf } from '../rules/effective-rule.ts';
import type { EffectiveRule, Said } from '../rules/effective-rule.ts';
import { placeholdersIn } from '../rules/field-template.ts';
import type { Scope } from '../rules/levels.ts';
import { effectReport } from './effect-report.ts';
import type { Report } from './effect-report.ts';
import { writtenLimits } from './written-limits.ts';
import type { WrittenSet } from './written-set.ts';

/**
 * Keys that are well-formed and would do nothing where they stand (E111). An operator who wrote one
 * believes in it, so it is refused and not skipped.
 */
export function checkEffect({ root, rules }: WrittenSet, findings: Findings): void {
  const report = effectReport(root, findings);
  for (const [name, { node }] of entriesOf(childOf(root, 'tiers'))) {
    checkLimits(['tiers', name], [node], report);
  }
  for (const rule of [...rules.values()].flat()) {
    for (const scope of LIMITED) checkRuleLimits(rule, scope, report);
  }
  checkLists([...rules.values()].flat(), report);
  checkOverrides(root, report);
  checkShared(root, report);
  checkStore(root, report);
  checkSessions(root, report);
  checkTierClaim(root, report);
  checkSticky(root, report);
}

/** A form of lists that holds in rules, none of which writes a claim. */
function checkLists(rules: readonly EffectiveRule[], report: Report): void {
  const used = new Map<Said['node'], { readonly said: Said; isUsed: boolean }>();
  for (const rule of rules) {
    const said = lastOf(rule, 'headers.lists');
    if (said === undefined) continue;
    const place = used.get(said.node) ?? { said, isUsed: false };
    place.isUsed ||= writesClaims(rule);
    used.set(said.node, place);
  }
  for (const { said, isUsed } of used.values()) {
    if (!isUsed) report(said.path, 'no claim is written by "headers.identity" or a placeholder');
  }
}

const TEMPLATES = ['request.set', 'request.add', 'response.set', 'response.add'];

function writesClaims(rule: EffectiveRule): boolean {
  if (fieldOf(rule, 'headers.identity').said.some(({ node }) => isOfClaims(node))) return true;
  const said = TEMPLATES.flatMap((field) => fieldOf(rule, `headers.${field}`).said);
  return said.some(({ node }) => placeholdersIn(node).length > 0);
}

/** Whether the value may be a list; the others are one text. */
function isOfClaims(node: SourceNode): boolean {
  return !/^(identity\.(subject|issuer|method)|tenant\.id)$/.test(textOf(node) ?? '');
}

const LIMITED: readonly Scope[] = ['route', 'path'];

/** The limits of a route or path are those of the profiles that it uses and its own, key by key. */
function checkRuleLimits({ levels }: EffectiveRule, scope: Scope, report: Report): void {
  const own = levels.filter((level) => level.scope === scope);
  const limits = own.map(({ node }) => childOf(node, 'limits'));
  for (const [index, { path }] of own.entries()) {
    checkLimits([...path, 'limits'], [limits[index], ...limits], report);
  }
}

/** `all`: the limits themselves, and what they are merged over. */
function checkLimits(path: Path, all: readonly (SourceNode | undefined)[], report: Report): void {
  const has = (key: string) => all.some((node) => childOf(node, key) !== undefined);
  const [own] = all;
  if (childOf(own, 'burst') !== undefined && !has('rate')) {
    report(
      [...path, 'burst'],
      'it is how much of a "rate" may come at once, and there is no "rate"',
    );
  }
  if (childOf(own, 'bandwidth') !== undefined && all.some(isShadowed)) {
    report([...path, 'bandwidth'], 'with "mode: shadow" nobody is slowed');
  }
  if (childOf(own, 'algorithm') !== undefined && !has('rate')) {
    const why = 'it is how the store counts a "rate", and there is no "rate"';
    report([...path, 'algorithm'], why);
  }
  // On a passthrough route E306 is the complaint.
  const isShadow = isShadowed(own);
  if (isShadow && !['rate', 'quota', 'concurrent', 'connections'].some(has)) {
    report([...path, 'mode'], 'there is no "rate", "quota" or "concurrent" to shadow');
  }
}

function isShadowed(limits: SourceNode | undefined): boolean {
  return textOf(childOf(limits, 'mode')) === 'shadow';
}

/** Keys of limits that say how a store counts them. */
const OF_STORE = ['algorithm', 'whenDown', 'shared'];

function checkShared(root: MapNode, report: Report): void {
  if (childOf(childOf(root, 'gateway'), 'store') !== undefined) return;
  for (const [path, limits] of writtenLimits(root)) {
    for (const key of OF_STORE) {
      if (childOf(limits, key) === undefined) continue;
      const why = 'without "gateway.store" each gateway counts by itself';
      report([...path, key], why, 'add "gateway.store" with a Redis, or remove it');
    }
  }
}

function checkOverrides(root: MapNode, report: Report): void {
  const tenants = childOf(root, 'tenants');
  const overrides = childOf(tenants, 'overrides');
  if (overrides !== undefined && childOf(tenants, 'id') === undefined) {
    const why = 'without "id" a tenant is an issuer and a subject together, and has no name';
    report(['tenants', 'overrides'], why, 'add "id:" with the claim that names the tenant');
  }
  for (const [tenant, { node }] of entriesOf(overrides)) {
    const path = ['tenants', 'overrides', tenant, 'limits'];
    checkLimits(path, [childOf(node, 'limits'), ...tiersUnder(root, node)], report);
  }
}

/** The tiers that an override may be merged over: its own, else whichever the tenant may have. */
function tiersUnder(root: MapNode, override: SourceNode): readonly SourceNode[] {
  const tiers = childOf(root, 'tiers');
  const tier = childOf(childOf(root, 'tenants'), 'tier');
  const own = textOf(childOf(override, 'tier'));
  if (own === undefined && childOf(tier, 'from') !== undefined) {
    return entriesOf(tiers).map(([, { node }]) => node);
  }
  const name = own ?? textOf(childOf(tier, 'default')) ?? 'default';
  const under = childOf(tiers, name);
  return under === undefined ? [] : [under];
}

/** Authorities are for TLS, and `redis://` has none; a name without a password is never sent (Redis AUTH). */
function checkStore(root: MapNode, report: Report): void {
  const store = childOf(childOf(root, 'gateway'), 'store');
  const url = textOf(firstServer(store)) ?? '';
  if (url.startsWith('redis://')) {
    report(['gateway', 'store', 'ca'], 'redis:// is without TLS', 'write rediss://, or remove it');
  }
  // A reference may be a whole URL with a password in it.
  if (childOf(store, 'password') !== undefined || /^\$\{|:\/\/[^/@]*:[^/@]+@/.test(url)) return;
  report(['gateway', 'store', 'user'], 'nobody logs in without a "password"', 'add "password:"');
}

function firstServer(store: SourceNode | undefined): SourceNode | undefined {
  const nodes = childOf(childOf(store, 'sentinel'), 'nodes');
  return childOf(store, 'redis') ?? childOf(childOf(store, 'cluster'), 0) ?? childOf(nodes, 0);
}

/** One routing key that gets requests needs nothing to keep to it. */
function checkSticky(root: MapNode, report: Report): void {
  for (const [name, { node }] of entriesOf(childOf(root, 'services'))) {
    const weighted = entriesOf(childOf(childOf(node, 'addresses'), 'weighted'));
    const open = weighted.filter(
      ([, { node: weight }]) => weight.kind !== 'scalar' || weight.value !== 0,
    );
    if (weighted.length === 0 || open.length > 1) continue;
    report(['services', name, 'addresses', 'sticky'], 'one routing key gets every request');
  }
}

function checkSessions(root: MapNode, report: Report): void {
  const sessions = childOf(childOf(root, 'gateway'), 'sessions');
  const mode = childOf(sessions, 'store');
  if (mode !== undefined && textOf(mode) !== 'server') return;
  const why = 'sessions are kept in the store, and their cookie holds only an id';
  report(['gateway', 'sessions', 'keys'], why, 'add "store: cookie", or remove it');
}

/** A claim chooses among the tiers of the set. */
function checkTierClaim(root: MapNode, report: Report): void {
  if (entriesOf(childOf(root, 'tiers')).length > 0) return;
  report(['tenants', 'tier', 'from'], 'there are no "tiers" that the claim could name');
}
