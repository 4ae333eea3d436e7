import type { Context } from 'fairlead/plugin';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import type { JWTVerifyResult } from 'jose';
import { LIMITS } from './limits.ts';
import type { ProviderFetch } from './provider-fetch.ts';

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

  /** Rejects with jose's errors: bad signature, algorithm not allowed, no key, several keys (C1, C2). */
  async verify(token: string, algorithms: readonly string[]): Promise<JWTVerifyResult> {
    this.#keepFresh();
    return jwtVerify(token, this.#remote, {
      algorithms: [...algorithms],
      currentDate: new Date(this.#context.clock.now()),
      clockTolerance: LIMITS.maxSkewMs / 1000,
    });
  }

  #keepFresh(): void {
    if (this.#context.clock.now() < this.#freshUntilMs || this.#remote.reloading) return;
    this.#freshUntilMs = this.#context.clock.now() + LIMITS.keysCooldownMs;
    void this.#remote.reload().catch(() => {
      this.#context.log.warn('the keys of the login provider are old and cannot be fetched');
    });
  }
}
