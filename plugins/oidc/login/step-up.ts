import type { Identity, Requirements } from 'fairlead/plugin';
import { problem } from '../pages/problems.ts';
import type { Problem } from '../pages/problems.ts';

/** A login just completed may be a little older than wanted when the clocks differ. */
const TOLERANCE_MS = 30_000;

export interface Strength {
  readonly acr?: string;
  readonly maxAgeSeconds?: number;
}

/** What a route wants of a login, in the words of an authorization request. */
export function strengthOf({ acr, maxAgeMs }: Requirements): Strength {
  return {
    ...(acr !== undefined && { acr }),
    ...(maxAgeMs !== undefined && { maxAgeSeconds: Math.floor(maxAgeMs / 1000) }),
  };
}

/** The same from the link to a login: what it asks for is judged at the callback, as of a route. */
export function readStrength(parameters: ReadonlyMap<string, string>): Strength | Problem {
  const acr = parameters.get('acr_values');
  const maxAge = parameters.get('max_age');
  if (acr !== undefined && !/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/.test(acr)) {
    return problem('parameters', 'acr_values is no single acr');
  }
  if (maxAge !== undefined && !/^[1-9]\d{0,8}$/.test(maxAge)) {
    return problem('parameters', 'max_age is no number of seconds');
  }
  return {
    ...(acr !== undefined && { acr }),
    ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }),
  };
}

/** True when the login behind the identity is as strong and as recent as wanted. */
export function meetsRequirements(identity: Identity, wanted: Strength, nowMs: number): boolean {
  const { acr, maxAgeSeconds } = wanted;
  if (acr !== undefined && identity.assurance !== acr) return false;
  if (maxAgeSeconds === undefined) return true;
  return nowMs - identity.authenticatedAt <= maxAgeSeconds * 1000 + TOLERANCE_MS;
}
