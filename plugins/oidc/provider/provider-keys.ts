import type { Context } from 'fairlead/plugin';
import { DocumentError, KeySet, readClaims, secondsOf } from 'fairlead/plugin/kit';
import type { Algorithm, KeySource, SigningKey } from 'fairlead/plugin/kit';
import { compactVerify, decodeProtectedHeader, errors } from 'jose';
import type { CompactJWSHeaderParameters, JWTPayload } from 'jose';
import { LIMITS } from '../limits.ts';

export interface VerifiedToken {
  /** Numbers are exact: an integer beyond 2^53 is a bigint. */
  readonly payload: JWTPayload;
  readonly protectedHeader: CompactJWSHeaderParameters;
}

export interface ProviderKeysParts {
  readonly place: string;
  readonly source: KeySource;
  readonly algorithms: readonly Algorithm[];
  readonly context: Context;
}

/** The provider's published keys, from its `jwks_uri` alone. */
export class ProviderKeys {
  readonly place: string;
  readonly #algorithms: readonly Algorithm[];
  readonly #context: Context;
  readonly #keys: KeySet;

  constructor({ place, source, algorithms, context }: ProviderKeysParts) {
    this.place = place;
    this.#algorithms = algorithms;
    this.#context = context;
    this.#keys = new KeySet({ source, algorithms, context });
  }

  /**
   * Rejects with jose's errors: bad signature, algorithm not allowed, no key, several keys (C1, C2), expired. With a
   * DocumentError when the keys cannot be had.
   */
  async verify(token: string, skewMs: number = LIMITS.maxSkewMs): Promise<VerifiedToken> {
    const { key } = await this.#keyOf(token);
    const verified = await compactVerify(token, key, { algorithms: [...this.#algorithms] });
    const payload = claimsOf(verified.payload);
    judgeTimes(payload, this.#context.clock.now(), skewMs);
    return { payload, protectedHeader: verified.protectedHeader };
  }

  async #keyOf(token: string): Promise<SigningKey> {
    const { alg, kid } = headerOf(token);
    if (!this.#algorithms.includes(alg as Algorithm)) {
      throw new errors.JOSEAlgNotAllowed('"alg" (Algorithm) Header Parameter value not allowed');
    }
    const key = await this.#keys.findFresh(alg!, kid);
    if (key === 'unavailable') throw new DocumentError(this.#keys.fault ?? 'not loaded yet');
    if (key === 'unknown') throw new errors.JWKSNoMatchingKey();
    if (key === 'ambiguous') throw new errors.JWKSMultipleMatchingKeys();
    return key;
  }
}

function headerOf(token: string): { readonly alg?: string; readonly kid?: string } {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw new errors.JWSInvalid('JWS Protected Header is invalid');
  }
}

function claimsOf(octets: Uint8Array): JWTPayload {
  const claims = readClaims(octets);
  if (claims !== undefined) return claims;
  throw new errors.JWTInvalid('JWT Claims Set must be a top-level JSON object');
}

/** RFC 7519 4.1.4 and 4.1.5, as far as the two are numbers: whether they must be is the caller's to say. */
function judgeTimes(claims: JWTPayload, nowMs: number, skewMs: number): void {
  const exp = secondsOf(claims.exp);
  const nbf = secondsOf(claims.nbf);
  if (exp !== undefined && nowMs >= exp * 1000 + skewMs) {
    const message = '"exp" claim timestamp check failed';
    throw new errors.JWTExpired(message, claims, 'exp', 'check_failed');
  }
  if (nbf !== undefined && nowMs < nbf * 1000 - skewMs) {
    const message = '"nbf" claim timestamp check failed';
    throw new errors.JWTClaimValidationFailed(message, claims, 'nbf', 'check_failed');
  }
}
