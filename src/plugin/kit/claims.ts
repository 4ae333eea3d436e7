import { parseJson } from '../../core/exact-json.ts';

/** The same bound as of `subject`, `issuer` and `assurance` in the contract. */
const MAX_NAME = 1024;
/** Times may have more digits than a double: less than a microsecond is lost. */
export const TIME_CLAIMS: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'auth_time']);

/** Whether a claim can name somebody, or something: 1 to 1024 characters without controls. */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME) return false;
  return !/\p{Cc}/u.test(value);
}

/** RFC 7519 2: a NumericDate is any JSON number. Undefined: it is none, or beyond a double. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return Number.isFinite(Number(value)) ? Number(value) : undefined;
}

/**
 * `authenticatedAt` of an identity, from the claim `auth_time` alone (RFC 9470 6): `iat` is new for each token, long
 * after the login. 0 is not known. Never later than now, or the age of a login would be negative while clocks differ.
 */
export function authenticatedAt(authTime: unknown, nowMs: number): number {
  return Math.max(0, Math.min((secondsOf(authTime) ?? 0) * 1000, nowMs));
}

/** The claims of a verified token, with exact numbers; undefined when the octets are no JSON object in UTF-8. */
export function readClaims(octets: Uint8Array): Record<string, unknown> | undefined {
  try {
    const claims = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(octets), TIME_CLAIMS);
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
    return claims as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
