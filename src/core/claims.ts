import type { AuthenticatedIdentity } from './identity.ts';

/** `identity.claims.a.b`, `identity.claims["https://x/y"]`, `identity.with.api.a`, `identity.subject`, `tenant.id` … */
export type ClaimPath =
  | { readonly kind: 'claim'; readonly keys: readonly string[] }
  | { readonly kind: 'with'; readonly provider: string; readonly keys: readonly string[] }
  | { readonly kind: 'subject' | 'issuer' | 'method' | 'tenant' };

/** What a claim path can name of an identity. */
export type Claimant = Pick<
  AuthenticatedIdentity,
  'subject' | 'issuer' | 'method' | 'claims' | 'with'
>;

/**
 * The value a claim path leads to, undefined when a step is missing. Own properties only, so
 * `identity.claims.constructor` finds nothing that the issuer did not write. `tenantId` serves the
 * path `tenant.id`.
 */
export function readClaim(path: ClaimPath, identity: Claimant, tenantId?: string): unknown {
  if (path.kind === 'claim') return follow(identity.claims, path.keys);
  if (path.kind === 'with') return follow(identity.with, [path.provider, ...path.keys]);
  return path.kind === 'tenant' ? tenantId : identity[path.kind];
}

/**
 * Every value that a claim path leads to, for a requirement: of a list, at the end or on the way, each
 * element counts. Empty when a step is missing.
 */
export function claimValues(path: ClaimPath, identity: Claimant): readonly unknown[] {
  if (path.kind !== 'claim' && path.kind !== 'with') return elementsOf(readClaim(path, identity));
  const start = path.kind === 'claim' ? identity.claims : follow(identity.with, [path.provider]);
  let values = elementsOf(start);
  for (const key of path.keys) {
    values = values.flatMap((value) => elementsOf(follow(value, [key])));
  }
  return values;
}

/**
 * A claim as one text: a string, a finite number with all its digits, a boolean, or an array with exactly one of these
 * (certificate fields come as arrays). Undefined for anything else and for the empty string: a value
 * that could be read in two ways names nobody.
 */
export function claimText(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.length === 1 ? scalarText(value[0]) : undefined;
  return scalarText(value);
}

function elementsOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function follow(start: unknown, keys: readonly string[]): unknown {
  let value = start;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : undefined;
}
