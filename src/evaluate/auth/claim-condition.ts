import { stringifyJson } from '../../core/exact-json.ts';
import type { ClaimCondition, ClaimValue } from '../../policy/snapshot/snapshot.ts';

/**
 * True when the values of a claim satisfy the condition. Values are equal by type and content: the text
 * "1" is not the number 1. A claim that is not there satisfies `not` and nothing else.
 */
export function holds(condition: ClaimCondition, values: readonly unknown[]): boolean {
  switch (condition.kind) {
    case 'any':
      return condition.values.some((wanted) => values.includes(wanted));
    case 'all':
      return condition.values.every((wanted) => values.includes(wanted));
    case 'has': {
      const words = new Set(values.flatMap((value) => (isText(value) ? value.split(' ') : [])));
      return condition.words.every((word) => words.has(word));
    }
    case 'prefix':
      return values.some((value) => isText(value) && value.startsWith(condition.prefix));
    case 'suffix':
      return values.some((value) => isText(value) && value.endsWith(condition.suffix));
    case 'pattern':
      return values.some((value) => isText(value) && condition.pattern.matches(value));
    case 'range':
      return values.some((value) => isWithin(value, condition));
    case 'not':
      return !condition.conditions.every((inner) => holds(inner, values));
  }
}

/** Of all texts of a claim together: what a pattern may be given to judge. */
const MAX_PATTERN_TEXT = 8192;

/** True: a pattern is among the conditions, and the claim is too long to be judged by it, so it is not met. */
export function isTooLong(
  conditions: readonly ClaimCondition[],
  values: readonly unknown[],
): boolean {
  if (!conditions.some(hasPattern)) return false;
  const length = values.reduce<number>((sum, value) => sum + (isText(value) ? value.length : 0), 0);
  return length > MAX_PATTERN_TEXT;
}

function hasPattern(condition: ClaimCondition): boolean {
  return condition.kind === 'not'
    ? condition.conditions.some(hasPattern)
    : condition.kind === 'pattern';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Numbers and bigints compare by value, whatever their type (ECMA-262 13.10). */
function isWithin(
  value: unknown,
  { min, max }: Extract<ClaimCondition, { readonly kind: 'range' }>,
): boolean {
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

/** The condition in words: `any of "admins", "owners"`. */
export function describeCondition(condition: ClaimCondition): string {
  switch (condition.kind) {
    case 'any':
      return condition.values.length === 1
        ? quoted(condition.values[0]!)
        : `any of ${listed(condition.values)}`;
    case 'all':
      return `all of ${listed(condition.values)}`;
    case 'has':
      return `${condition.words.length === 1 ? 'word' : 'words'} ${listed(condition.words)}`;
    case 'prefix':
      return `prefix ${quoted(condition.prefix)}`;
    case 'suffix':
      return `suffix ${quoted(condition.suffix)}`;
    case 'pattern':
      return `pattern ${quoted(condition.pattern.text)}`;
    case 'range':
      return rangeText(condition);
    case 'not':
      return `not ${condition.conditions.map(describeCondition).join(' and ')}`;
  }
}

function rangeText({ min, max }: Extract<ClaimCondition, { readonly kind: 'range' }>): string {
  if (max === undefined) return `at least ${min}`;
  return min === undefined ? `at most ${max}` : `from ${min} to ${max}`;
}

function listed(values: readonly ClaimValue[]): string {
  return values.map(quoted).join(', ');
}

function quoted(value: ClaimValue): string {
  return stringifyJson(value);
}
