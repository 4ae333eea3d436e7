import type { Findings } from '../issues/issue.ts';
import { isOptional, isPublic } from '../rules/auth-names.ts';
import { TARGETS, fieldOf, lastOf, targetOf } from '../rules/effective-rule.ts';
import type { EffectiveRule } from '../rules/effective-rule.ts';
import { saysSomething } from '../rules/levels.ts';
import type { Level } from '../rules/levels.ts';
import { RULE_FIELDS } from '../schema/schema.ts';
import type { MapNode, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, isNull, itemsOf, nodeAt } from '../source/source.ts';
import { effectReport } from './effect-report.ts';
import type { Report } from './effect-report.ts';
import type { WrittenSet } from './written-set.ts';

/**
 * Keys that would have an effect beside something else, which this set does not have (W330). A warning: the set may
 * still be growing. For sets without errors.
 */
export function checkUse({ root, rules }: WrittenSet, findings: Findings): void {
  const routes = entriesOf(childOf(root, 'routes'));
  if (routes.length === 0) return;
  const report = effectReport(root, findings, 'W330');
  const all = [...rules.values()].flat();
  if (all.length > 0) checkAnonymous(all, report);
  else checkHttp(root, report);
  checkOverridden(all, report);
  if (entriesOf(childOf(root, 'providers')).length > 0) return;
  report(['gateway', 'sessions'], 'nobody logs in, for there are no "providers"');
}

function checkAnonymous(rules: readonly EffectiveRule[], report: Report): void {
  const isOpen = (rule: EffectiveRule) => {
    const auth = lastOf(rule, 'auth')?.node;
    return isPublic(auth) || isOptional(auth);
  };
  if (rules.some(isOpen)) return;
  report(['tenants', 'anonymous'], 'no path is public or has an optional login');
}

/** Connections that pass through have timeouts, and nothing else that is of requests. */
function checkHttp(root: MapNode, report: Report): void {
  const why = 'every route has "passthrough: true", and no request is read';
  const defaults = ['gateway', 'defaults'];
  for (const [key] of entriesOf(nodeAt(root, defaults))) {
    if (key !== 'timeout') report([...defaults, key], why);
  }
  report(['tenants'], why);
}

/** What says how a request is forwarded, and nothing of an answer. */
const FORWARDING = [
  ['rewrite'],
  ['websocket'],
  ['forwardHeaders'],
  ['timeout'],
  ['headers', 'identity'],
  ['headers', 'request'],
] as const;

/** What a route, a path or a profile says, and wherever it could hold something nearer says otherwise. */
function checkOverridden(rules: readonly EffectiveRule[], report: Report): void {
  const counting = new Set(rules.flatMap(countingNodes));
  const levels = new Map<SourceNode | undefined, Level>();
  for (const level of rules.flatMap((rule) => rule.levels)) {
    if (level.kind !== 'defaults') levels.set(level.node, level);
  }
  for (const { node, path } of levels.values()) {
    for (const field of RULE_FIELDS) {
      // One that is never asked keeps a path closed that somebody adds.
      if (node === undefined || field.name === 'auth') continue;
      const said = nodeAt(node, field.path);
      if (!saysSomething(said) || nodesOf(said!).some((each) => counting.has(each) || isNull(each)))
        continue;
      report(
        [...path, ...field.path],
        'wherever it could hold, something nearer says otherwise, or answers',
      );
    }
  }
}

/** Header fields join name by name, so each value counts by itself; a null takes one back. */
function nodesOf(said: SourceNode): readonly SourceNode[] {
  return [said, ...itemsOf(said), ...entriesOf(said).map(([, { node }]) => node)];
}

/** Values that decide something for the requests of a rule. */
function countingNodes(rule: EffectiveRule): readonly SourceNode[] {
  const target = targetOf(rule);
  return RULE_FIELDS.filter(({ name, path }) => {
    if ((TARGETS as readonly string[]).includes(name)) return name === target;
    const isOfForwarding = FORWARDING.some((keys) => keys.every((key, at) => path[at] === key));
    return !isOfForwarding || target === 'service';
  }).flatMap(({ name }) => fieldOf(rule, name).said.map(({ node }) => node));
}
