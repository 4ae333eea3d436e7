import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'fairlead/plugin';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { LIMITS } from '../limits.ts';

/** One login that was begun: what its callback has to fit. */
export interface Attempt {
  readonly id: string;
  /** Digest of the browser's id, which is in its cookie. */
  readonly browser: string;
  readonly nonce: string;
  /** PKCE verifier (RFC 7636), of this attempt alone. */
  readonly verifier: string;
  readonly startedAtMs: number;
  readonly origin: string;
  /** A safe path on `origin`. */
  readonly returnTo: string;
  /** True when the person wanted another place than `returnTo`, and it could not be kept. */
  readonly isWayLost?: true;
  /** Step-up: what the ID token has to say. */
  readonly acr?: string;
  readonly maxAgeSeconds?: number;
  /** How often this login began again by itself. */
  readonly round?: number;
}

export type AttemptWish = Pick<
  Attempt,
  'origin' | 'returnTo' | 'isWayLost' | 'acr' | 'maxAgeSeconds' | 'round'
>;

/** A new attempt of the browser with that id. */
export function newAttempt(wish: AttemptWish, browserId: string, nowMs: number): Attempt {
  return {
    ...wish,
    id: randomBytes(16).toString('base64url'),
    browser: digestOf(browserId),
    nonce: randomBytes(16).toString('base64url'),
    verifier: randomBytes(32).toString('base64url'),
    startedAtMs: nowMs,
  };
}

/** True when the attempt began in the browser with that id. */
export function isOf(attempt: Attempt, browserId: string): boolean {
  const given = Buffer.from(digestOf(browserId));
  const wanted = Buffer.from(attempt.browser);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What is sealed for a browser to carry: the attempt, or the answer that the provider posted. */
export interface Sealed {
  readonly state: Attempt;
  readonly posted: readonly (readonly [name: string, value: string])[];
}

/**
 * The attempt travels in the `state` itself, encrypted and authenticated: any number of unfinished
 * logins costs neither memory nor cookies. The key is in the provider's store, the same for all
 * replicas and unknown to every other provider. One purpose is never taken for the other.
 */
export class Seal {
  readonly #context: Pick<Context, 'store' | 'clock'>;
  readonly #keys = new Map<number, Uint8Array>();

  constructor(context: Pick<Context, 'store' | 'clock'>) {
    this.#context = context;
  }

  /** Rejects when the store is down. */
  async close<P extends keyof Sealed>(purpose: P, content: Sealed[P]): Promise<string> {
    const epoch = this.#epoch();
    const key = (await this.#find(epoch)) ?? (await this.#make(epoch));
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: String(epoch), cty: purpose })
      .encrypt(key);
  }

  /** Undefined for everything that is not ours or whose key is gone. Rejects when the store is down. */
  async open<P extends keyof Sealed>(purpose: P, text: string): Promise<Sealed[P] | undefined> {
    const epoch = epochOf(text);
    if (epoch === undefined || epoch > this.#epoch() || epoch < this.#epoch() - 1) return undefined;
    const key = await this.#find(epoch);
    if (key === undefined) return undefined;
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(text, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      if (protectedHeader.cty !== purpose) return undefined;
      return JSON.parse(new TextDecoder().decode(plaintext)) as Sealed[P];
    } catch {
      return undefined;
    }
  }

  #epoch(): number {
    return Math.floor(this.#context.clock.now() / LIMITS.stateKeyMs);
  }

  async #find(epoch: number): Promise<Uint8Array | undefined> {
    const known = this.#keys.get(epoch);
    if (known !== undefined) return known;
    const stored = await this.#context.store.get(`state-key.${epoch}`);
    return stored === undefined ? undefined : this.#keep(epoch, stored);
  }

  /** Whoever writes first wins; the others read what was written. */
  async #make(epoch: number): Promise<Uint8Array> {
    const made = randomBytes(32).toString('base64url');
    const isFirst = await this.#context.store.set(`state-key.${epoch}`, made, {
      ttlMs: 2 * LIMITS.stateKeyMs + LIMITS.attemptMs,
      ifAbsent: true,
    });
    const stored = isFirst ? made : await this.#context.store.get(`state-key.${epoch}`);
    return this.#keep(epoch, stored ?? made);
  }

  #keep(epoch: number, encoded: string): Uint8Array {
    const key = new Uint8Array(Buffer.from(encoded, 'base64url'));
    for (const old of this.#keys.keys()) if (old < epoch - 1) this.#keys.delete(old);
    this.#keys.set(epoch, key);
    return key;
  }
}

function digestOf(browserId: string): string {
  return hash('sha256', browserId, 'base64url');
}

/** The `kid` of what is sealed, before any key is touched. */
function epochOf(text: string): number | undefined {
  const [header = ''] = text.split('.', 1);
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown };
    return typeof kid === 'string' && /^\d{1,10}$/.test(kid) ? Number(kid) : undefined;
  } catch {
    return undefined;
  }
}
