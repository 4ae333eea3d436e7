import type { Clock } from '../core/clock.ts';
import { refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import { Admission } from './admission.ts';
import type { Limited } from './admission.ts';
import { BucketTable } from './bucket-table.ts';
import type { Gate } from './gates.ts';
import { Permit } from './permit.ts';
import { rateLimitFields } from './rate-limit-fields.ts';
import type { CountedRate } from './rate-limit-fields.ts';
import type { RateStore } from './rate-store.ts';
import { Semaphore } from './semaphore.ts';

/** Told of every refusal, also of those that `mode: shadow` only counts. */
export type LimitListener = (limit: string, mode: 'enforce' | 'shadow') => void;

export interface LimiterOptions {
  readonly clock: Clock;
  readonly store?: RateStore;
  readonly onLimited?: LimitListener;
  /** The RateLimit fields are a draft still, so they can be switched off (K6). Default: on. */
  readonly withRateLimitFields?: boolean;
}

/** Nothing tells when another request will end; a second is the least that Retry-After can say. */
const CONCURRENCY_RETRY_SECONDS = 1;

/**
 * Decides whether a request may go on now. One limiter lives as long as the process: its buckets outlast
 * reloads. Everything happens in one turn, so no other request comes between check and count.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #store: RateStore;
  readonly #semaphore = new Semaphore();
  readonly #onLimited: LimitListener;
  readonly #withFields: boolean;

  constructor(options: LimiterOptions) {
    this.#clock = options.clock;
    this.#store = options.store ?? new BucketTable();
    this.#onLimited = options.onLimited ?? ignore;
    this.#withFields = options.withRateLimitFields ?? true;
  }

  /**
   * A permit when all gates admit, else the 429 of the first that does not. A refused request spends
   * nothing: later gates are not asked, and what earlier ones took is given back.
   */
  admit(gates: readonly Gate[]): Permit | Refusal {
    const admission = new Admission(this.#store, this.#semaphore, this.#clock.monotonicMs());
    for (const gate of gates) {
      const limited = admission.pass(gate);
      if (limited === undefined) continue;
      this.#onLimited(limited.limit, gate.limits.mode);
      if (gate.limits.mode === 'shadow') continue;
      admission.undo();
      return this.#refusal(limited);
    }
    return new Permit(this.#withFields ? admission.counted : [], admission);
  }

  /** What is left of the rates of these gates. Counts nothing, and refuses nobody. */
  left(gates: readonly Gate[]): readonly CountedRate[] {
    const admission = new Admission(this.#store, this.#semaphore, this.#clock.monotonicMs());
    const usedUp = gates.flatMap((gate) => admission.pass(gate)?.rate ?? []);
    admission.undo();
    // The look itself was given back.
    const open = admission.counted.map((rate) => ({ ...rate, remaining: rate.remaining + 1 }));
    return [...open, ...usedUp];
  }

  /** Requests in flight under a gate's `concurrencyKey`, for tests and the status page. */
  inFlight(concurrencyKey: string): number {
    return this.#semaphore.inFlight(concurrencyKey);
  }

  #refusal(limited: Limited): Refusal {
    const { limit, rate } = limited;
    const seconds = rate === undefined ? CONCURRENCY_RETRY_SECONDS : wholeSeconds(rate.waitMs);
    const fields = rate === undefined || !this.#withFields ? [] : rateLimitFields([rate]);
    return refuse(rate === undefined ? 'concurrency_limited' : 'rate_limited', {
      reason: { code: 'limit.exceeded', detail: limit },
      headers: ['retry-after', String(seconds), ...fields],
      members: { limit },
    });
  }
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

function ignore(): void {}
