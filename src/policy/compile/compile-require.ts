import { parseClaimKey } from '../rules/claim-path.ts';
import { compilePattern } from '../rules/pattern.ts';
import { compileWhen } from '../rules/when/when.ts';
import type { ConditionInput, RequireInput } from '../schema/schema.ts';
import { checkedValue } from './checked-value.ts';
import type { ClaimCondition, ClaimRequirement, RuleRequirements } from '../snapshot/snapshot.ts';

/**
 * What several levels require together: all of each must hold. Undefined when none says anything.
 * `checkRequire` has seen to it that their `acr` is one.
 */
export function requirementsOf(given: readonly RequireInput[]): RuleRequirements | undefined {
  if (given.length === 0) return undefined;
  const when = given.flatMap((each) =>
    each.when === undefined ? [] : checkedValue(compileWhen(each.when)),
  );
  const ages = given.flatMap(({ maxAge }) => maxAge ?? []);
  return {
    acr: given.findLast(({ acr }) => acr !== undefined)?.acr,
    maxAgeMs: ages.length === 0 ? undefined : Math.min(...ages),
    claims: given.flatMap(({ claims }) => Object.entries(claims ?? {}).map(claimOf)),
    ...(when.length > 0 && { when }),
  };
}

function claimOf([text, input]: [string, ConditionInput]): ClaimRequirement {
  const path = parseClaimKey(text);
  if (path === undefined) throw new Error(`unchecked claim reached the compiler: ${text}`);
  return { text, path, conditions: conditionsOf(input) };
}

function conditionsOf(input: ConditionInput): readonly ClaimCondition[] {
  if (typeof input !== 'object') return [{ kind: 'any', values: [input] }];
  const { any, all, has, prefix, suffix, pattern, min, max, not } = input;
  const conditions: ClaimCondition[] = [];
  if (any !== undefined) conditions.push({ kind: 'any', values: any });
  if (all !== undefined) conditions.push({ kind: 'all', values: all });
  if (has !== undefined) conditions.push({ kind: 'has', words: [has].flat() });
  if (prefix !== undefined) conditions.push({ kind: 'prefix', prefix });
  if (suffix !== undefined) conditions.push({ kind: 'suffix', suffix });
  if (pattern !== undefined) {
    conditions.push({ kind: 'pattern', pattern: checkedValue(compilePattern(pattern)) });
  }
  if (min !== undefined || max !== undefined) conditions.push({ kind: 'range', min, max });
  if (not !== undefined) conditions.push({ kind: 'not', conditions: conditionsOf(not) });
  return conditions;
}
