import { KeyObject } from 'node:crypto';
import type { Context } from 'fairlead/plugin';
import { DocumentError, readClaims, secondsOf } from 'fairlead/plugin/kit';
import { compactVerify, createRemoteJWKSet, customFetch, errors } from 'jose';
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput, JWTPayload } from 'jose';
import { LIMITS } from '../limits.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** RFC 9864: two names of what we have of it. */
const SAME_ALGORITHM: Readonly<Record<string, string>> = { EdDSA: 'Ed25519', Ed25519: 'EdDSA' };

export interface VerifiedToken {
  /** Numbers are exact: an integer beyond 2^53 is a bigint. */
  readonly payload: JWTPayload;
  readonly protectedHeader: CompactJWSHeaderParameters;
}

/**
 * The provider's published keys: fetched from its `jwks_uri` alone, one fetch at a time,
 * again for an unknown `kid` but not within the cooldown, and in the background when they grow old. Old
 * keys serve while the provider is down.
 */
export class ProviderKeys {
  readonly place: string;
  readonly #context: Context;
  readonly #remote: ReturnType<typeof createRemoteJWKSet>;
  #freshUntilMs = Number.POSITIVE_INFINITY;

  constructor(place: string, fetch: ProviderFetch, context: Context) {
    this.place = place;
    this.#context = context;
    this.#remote = createRemoteJWKSet(new URL(place), {
      timeoutDuration: LIMITS.metadataMs,
      cooldownDuration: LIMITS.keysCooldownMs,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: async (url, init) => {
        const response = await fetch(url, init);
        this.#freshUntilMs = context.clock.now() + LIMITS.keysFreshMs;
        return response;
      },
    });
  }

  /** Rejects with jose's errors: bad signature, algorithm not allowed, no key, several keys (C1, C2), expired. */
  async verify(
    token: string,
    algorithms: readonly string[],
    skewMs: number = LIMITS.maxSkewMs,
  ): Promise<VerifiedToken> {
    this.#keepFresh();
    const keyOf = (header: CompactJWSHeaderParameters, jws: FlattenedJWSInput) =>
      this.#keyOf(header, jws);
    const verified = await compactVerify(token, keyOf, { algorithms: [...algorithms] });
    const payload = claimsOf(verified.payload);
    judgeTimes(payload, this.#context.clock.now(), skewMs);
    return { payload, protectedHeader: verified.protectedHeader };
  }

  async #keyOf(header: CompactJWSHeaderParameters, jws: FlattenedJWSInput): Promise<CryptoKey> {
    try {
      return await this.#remote(header, jws);
    } catch (thrown) {
      if (thrown instanceof errors.JWKSMultipleMatchingKeys) return onlyOne(thrown);
      const alg = SAME_ALGORITHM[header.alg];
      if (!(thrown instanceof errors.JWKSNoMatchingKey) || alg === undefined) throw thrown;
      return this.#remote({ ...header, alg }, jws);
    }
  }

  #keepFresh(): void {
    if (this.#context.clock.now() < this.#freshUntilMs || this.#remote.reloading) return;
    this.#freshUntilMs = this.#context.clock.now() + LIMITS.keysCooldownMs;
    void this.#remote.reload().catch((thrown: unknown) => {
      const detail = thrown instanceof DocumentError ? thrown.message : 'unknown';
      this.#context.log.warn('the keys of the login provider are old and new ones did not come', {
        detail,
      });
    });
  }
}

/** A set that lists one key twice, or under two names, leaves no doubt which key it is. */
async function onlyOne(several: errors.JWKSMultipleMatchingKeys): Promise<CryptoKey> {
  let only: CryptoKey | undefined;
  for await (const key of several) {
    if (only !== undefined && numbersOf(only) !== numbersOf(key)) throw several;
    only = key;
  }
  if (only === undefined) throw several;
  return only;
}

function numbersOf(key: CryptoKey): string {
  return JSON.stringify(KeyObject.from(key).export({ format: 'jwk' }));
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
    throw new errors.JWTExpired(
      '"exp" claim timestamp check failed',
      claims,
      'exp',
      'check_failed',
    );
  }
  if (nbf !== undefined && nowMs < nbf * 1000 - skewMs) {
    const message = '"nbf" claim timestamp check failed';
    throw new errors.JWTClaimValidationFailed(message, claims, 'nbf', 'check_failed');
  }
}
