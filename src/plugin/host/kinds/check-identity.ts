/** Deeper or larger claims are a plugin's mistake; a policy path reaches a handful of levels. */
const MAX_CLAIM_DEPTH = 32;
const MAX_CLAIM_VALUES = 10_000;
const MAX_TEXT_LENGTH = 1024;
const CONTROL = /\p{Cc}/u;

/**
 * Identities seen whole and frozen to the leaves: they cannot change, so a remembered verdict that
 * comes back with the same identity is not walked again.
 */
const knownGood = new WeakSet<object>();

/** Undefined when `value` is a well-formed Identity, else what is wrong with it; never quotes a value. */
export function identityFault(value: unknown): string | undefined {
  if (!isRecord(value)) return 'identity is not an object';
  if (knownGood.has(value)) return undefined;
  const claims = new ClaimWalk();
  const fault = fieldFault(value) ?? claims.fault(value['claims']);
  if (fault === undefined && claims.isFrozen && Object.isFrozen(value)) knownGood.add(value);
  return fault;
}

function fieldFault(identity: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ['subject', 'issuer', 'method']) {
    if (!isName(identity[name])) return `identity.${name} is not a non-empty text without controls`;
  }
  for (const name of ['assurance', 'session']) {
    if (identity[name] !== undefined && !isName(identity[name])) {
      return `identity.${name} is not a non-empty text without controls`;
    }
  }
  if (!Number.isFinite(identity['authenticatedAt'])) {
    return 'identity.authenticatedAt is not a finite number';
  }
  if (identity['expiresAt'] !== undefined && !Number.isFinite(identity['expiresAt'])) {
    return 'identity.expiresAt is not a finite number';
  }
  return undefined;
}

/** Walks claims once: JSON values only, finite, bounded; notes whether all of it is frozen. */
class ClaimWalk {
  isFrozen = true;
  #values = 0;

  fault(claims: unknown): string | undefined {
    if (!isRecord(claims)) return 'identity.claims is not an object';
    return this.#walk(claims, 1);
  }

  #walk(value: unknown, depth: number): string | undefined {
    this.#values += 1;
    if (this.#values > MAX_CLAIM_VALUES) return `claims hold more than ${MAX_CLAIM_VALUES} values`;
    if (depth > MAX_CLAIM_DEPTH) return `claims are nested deeper than ${MAX_CLAIM_DEPTH}`;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
    if (typeof value === 'number' || typeof value === 'bigint') return numberFault(value);
    if (!Array.isArray(value) && !isRecord(value)) return 'claims hold a value that is not JSON';
    this.isFrozen &&= Object.isFrozen(value);
    for (const member of Object.values(value)) {
      const fault = this.#walk(member, depth + 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}

/** Beyond 2^53 a number stands for several integers, and nobody can tell which one the credential said. */
function numberFault(value: number | bigint): string | undefined {
  const nearest = Number(value);
  if (!Number.isFinite(nearest)) return 'claims hold a number that is not finite';
  const isWithin = Math.abs(nearest) <= Number.MAX_SAFE_INTEGER;
  if (isWithin === (typeof value === 'number')) return undefined;
  return isWithin
    ? 'claims hold a bigint that a number can hold'
    : 'claims hold an integer beyond 2^53 that is no bigint';
}

function isName(value: unknown): boolean {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT_LENGTH) return false;
  return !CONTROL.test(value);
}

/** A plain object: class instances, Maps and Dates are not JSON. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
