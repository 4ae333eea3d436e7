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
    case 'prefix':
      return values.some(
        (value) => typeof value === 'string' && value.startsWith(condition.prefix),
      );
    case 'not':
      return !condition.conditions.every((inner) => holds(inner, values));
  }
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
    case 'prefix':
      return `prefix ${quoted(condition.prefix)}`;
    case 'not':
      return `not ${condition.conditions.map(describeCondition).join(' and ')}`;
  }
}

function listed(values: readonly ClaimValue[]): string {
  return values.map(quoted).join(', ');
}

function quoted(value: ClaimValue): string {
  return stringifyJson(value);
}
