import { stringifyJson } from '../../../core/exact-json.ts';
import type { Context } from '../../contract.ts';
import { ISSUER_WAITS } from '../issuer-waits.ts';
import type { JsonObject } from '../strict-json.ts';
import { atMost } from '../waits.ts';
import type { Algorithm } from './algorithms.ts';
import { canonical, readSigningKey } from './signing-key.ts';
import type { SigningKey } from './signing-key.ts';

/** Gives the issuer's keys as they are now, within `ISSUER_WAITS.fetchMs`; rejects when it cannot. */
export type KeySource = () => Promise<readonly JsonObject[]>;

export interface KeySetOptions {
  readonly source: KeySource;
  readonly algorithms: readonly Algorithm[];
  readonly context: Pick<Context, 'clock' | 'log' | 'metrics'>;
  /** Called when the keys are others than before: verdicts by the old ones end here. */
  readonly onChange?: () => void;
}

/**
 * The issuer's keys, kept fresh. One load at a time, with a cooldown between loads; when a load
 * fails the last good keys go on serving, for a day.
 */
export class KeySet {
  readonly #options: KeySetOptions;
  #keys: readonly SigningKey[] | undefined;
  #published = '';
  #loadedAt = 0;
  #attemptedAt: number | undefined;
  #failures = 0;
  #flight: Promise<void> | undefined;
  #fault: string | undefined;

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /** False before the first good load, and when the last one is too long ago. */
  get isUsable(): boolean {
    return this.#keys !== undefined && this.#ageMs() < ISSUER_WAITS.maxStaleMs;
  }

  /** Undefined when the last load went well. */
  get problem(): string | undefined {
    if (this.#failures === 0) return undefined;
    const keys = this.isUsable ? `keys are ${Math.round(this.#ageMs() / 1000)} s old` : 'no keys';
    return `${this.#failures} loads of keys failed, ${keys}`;
  }

  /** What went wrong with the last load, for operators; undefined when it went well. Names the place. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * As `find`, after a load where the key is not known yet, for at most `limitMs`. `unavailable`: there are no keys
   * that could be judged by.
   */
  async findFresh(
    algorithm: string,
    keyId: string | undefined,
    limitMs: number = ISSUER_WAITS.fetchMs,
  ): Promise<SigningKey | 'unknown' | 'ambiguous' | 'unavailable'> {
    if (!this.isUsable) await this.#refreshWithin(limitMs);
    if (!this.isUsable) return 'unavailable';
    this.keepFresh();
    const key = this.find(algorithm, keyId);
    if (key !== 'unknown') return key;
    await this.#refreshWithin(limitMs);
    return this.find(algorithm, keyId);
  }

  /** The one key for a token's header. `kid` is compared and nothing else. */
  find(algorithm: string, keyId: string | undefined): SigningKey | 'unknown' | 'ambiguous' {
    const wanted = canonical(algorithm);
    const fitting = (this.#keys ?? []).filter(
      (key) => key.algorithm === wanted && (keyId === undefined || key.keyId === keyId),
    );
    const [first, ...others] = fitting;
    if (first === undefined) return 'unknown';
    // A set that lists one key twice, or under two names, leaves no doubt which key it is.
    return others.every((other) => other.numbers === first.numbers) ? first : 'ambiguous';
  }

  /** Loads, or joins the load that runs; undefined while the cooldown forbids it. Never rejects. */
  refresh(): Promise<void> | undefined {
    if (this.#flight !== undefined) return this.#flight;
    if (this.#isCoolingDown()) return undefined;
    this.#attemptedAt = this.#now();
    this.#flight = this.#load().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  /** Starts a load in the background when the keys are no longer fresh. */
  keepFresh(): void {
    if (this.#ageMs() >= ISSUER_WAITS.freshMs) void this.refresh();
  }

  async #refreshWithin(limitMs: number): Promise<void> {
    const refresh = this.refresh();
    if (refresh !== undefined) await atMost(limitMs, refresh);
  }

  async #load(): Promise<void> {
    const { context, source } = this.#options;
    try {
      await this.#adopt(await source());
      this.#failures = 0;
      this.#fault = undefined;
      this.#loadedAt = this.#now();
      context.metrics.count('jwks.loads', 1, { outcome: 'ok' });
    } catch (fault) {
      this.#failures += 1;
      this.#fault = messageOf(fault);
      context.metrics.count('jwks.loads', 1, { outcome: 'failed' });
      context.log.warn('keys of the issuer could not be loaded', { detail: this.#fault });
    }
  }

  async #adopt(published: readonly JsonObject[]): Promise<void> {
    const text = stringifyJson(published);
    if (text === this.#published) return;
    const keys: SigningKey[] = [];
    for (const jwk of published) {
      const key = await readSigningKey(jwk, this.#options.algorithms);
      if (typeof key !== 'string') keys.push(key);
      else this.#options.context.log.info('a key of the issuer is not used', { detail: key });
    }
    this.#published = text;
    this.#keys = keys;
    this.#options.onChange?.();
  }

  #isCoolingDown(): boolean {
    if (this.#attemptedAt === undefined) return false;
    const elapsed = this.#now() - this.#attemptedAt;
    // Wall time that was set back must not stretch the cooldown.
    return elapsed >= 0 && elapsed < this.#cooldownMs();
  }

  /** With keys at hand half a minute; without any, a wait that starts small and doubles up to that. */
  #cooldownMs(): number {
    if (this.isUsable) return ISSUER_WAITS.cooldownMs;
    return Math.min(ISSUER_WAITS.firstRetryMs * 2 ** (this.#failures - 1), ISSUER_WAITS.cooldownMs);
  }

  #ageMs(): number {
    return Math.max(0, this.#now() - this.#loadedAt);
  }

  #now(): number {
    return this.#options.context.clock.now();
  }
}

/** Our own messages name the place; of others only the kind and the system's code are told. */
function messageOf(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown';
  if (fault.name === 'DocumentError') return fault.message;
  const cause = fault.cause as { readonly code?: unknown } | undefined;
  const code = (fault as { readonly code?: unknown }).code ?? cause?.code;
  return typeof code === 'string' ? `${fault.name} (${code})` : fault.name;
}
