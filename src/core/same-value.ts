import { Secret } from './secret.ts';

/**
 * Deep equality of plain data: options, and parts of two policy snapshots. Node's own would call two different
 * `Secret`s equal, since it cannot see their private value, and JSON prints both as redacted: a rotated secret
 * would then never reach its user.
 */
export function isSameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (left instanceof Secret || right instanceof Secret) return sameSecret(left, right);
  if (!isPlain(left) || !isPlain(right)) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isSameValue(left[key], right[key]));
}

function sameSecret(left: unknown, right: unknown): boolean {
  if (!(left instanceof Secret) || !(right instanceof Secret)) return false;
  return left.reveal() === right.reveal();
}

/** Arrays and plain objects; anything else (a function, a Map) differs unless it is the same one. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
