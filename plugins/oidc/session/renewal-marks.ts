import { hash } from 'node:crypto';
import type { Context } from 'fairlead/plugin';
import { LIMITS } from '../limits.ts';
import { generationOf } from './session-data.ts';
import type { SessionData } from './session-data.ts';

/** What replicas tell each other of refresh tokens, beside the lease: who sent one, and which are used up. */
export class RenewalMarks {
  readonly #context: Pick<Context, 'store' | 'log'>;

  constructor(context: Pick<Context, 'store' | 'log'>) {
    this.#context = context;
  }

  /**
   * True for the one that may send the refresh token, over all replicas and also when leases are lost: a
   * provider that sees it twice ends what came of its first use. Nobody gives the mark back, or a look
   * from before the answer could claim it after; tokens that were renewed, or put off, are marked anew.
   * Rejects when the store is down.
   */
  claim(data: SessionData): Promise<boolean> {
    return this.#context.store.set(`refreshing.${generationOf(data)}`, '1', {
      ttlMs: LIMITS.refreshLeaseMs,
      ifAbsent: true,
    });
  }

  /** For whoever still holds the old token where sessions are kept in cookies. */
  async noteRotation({ refreshToken }: SessionData): Promise<void> {
    try {
      const options = { ttlMs: LIMITS.rotatedMs };
      await this.#context.store.set(rotationKey(refreshToken!), '1', options);
    } catch {
      this.#context.log.warn('a rotated refresh token could not be recorded in the store');
    }
  }

  /** Rejects when the store is down. */
  async wasRotated({ refreshToken }: SessionData): Promise<boolean> {
    return (await this.#context.store.get(rotationKey(refreshToken!))) !== undefined;
  }
}

function rotationKey(refreshToken: string): string {
  return `rotated.${hash('sha256', refreshToken, 'base64url')}`;
}
