import type { Clock } from '../core/clock.ts';
import { refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import { BucketTable } from './bucket-table.ts';
import type { Gate } from './gates.ts';
import { Permit } from './permit.ts';
import { rateLimitFields } from './rate-limit-fields.ts';
import type { CountedRate } from './rate-limit-fields.ts';
import type { RateBucket, RateOutcome, RateStore } from './rate-store.ts';
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
    const fields = this.#withFields ? rateLimitFields(admission.counted) : [];
    return new Permit(fields, () => admission.leave());
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

/** Why a gate did not admit; `rate` is undefined when it was `concurrent`. */
interface Limited {
  readonly limit: string;
  readonly rate: CountedRate | undefined;
}

interface Taken {
  readonly bucket: RateBucket;
  readonly slot: number;
}

/** One request's way through the gates: what it took, so that it can be given back. */
class Admission {
  /** Rates of enforced gates that admitted it. */
  readonly counted: CountedRate[] = [];
  readonly #store: RateStore;
  readonly #semaphore: Semaphore;
  readonly #nowMs: number;
  readonly #taken: Taken[] = [];
  readonly #entered: string[] = [];

  constructor(store: RateStore, semaphore: Semaphore, nowMs: number) {
    this.#store = store;
    this.#semaphore = semaphore;
    this.#nowMs = nowMs;
  }

  /** Undefined: the gate admits, and has counted the request. */
  pass(gate: Gate): Limited | undefined {
    const before = this.#taken.length;
    const limited = this.#takeAll(gate) ?? this.#enter(gate);
    if (limited !== undefined) this.#giveBackTo(before);
    return limited;
  }

  undo(): void {
    this.#giveBackTo(0);
    this.leave();
  }

  leave(): void {
    for (const key of this.#entered) this.#semaphore.leave(key);
  }

  #takeAll(gate: Gate): Limited | undefined {
    for (const [index, bucket] of gate.buckets.entries()) {
      const outcome = this.#store.take(bucket, this.#nowMs);
      const rate = countedRate(rateName(gate, index), bucket, outcome);
      if (!outcome.isAdmitted) return { limit: rate.name, rate };
      this.#taken.push({ bucket, slot: outcome.slot });
      if (gate.limits.mode === 'enforce') this.counted.push(rate);
    }
    return undefined;
  }

  #enter(gate: Gate): Limited | undefined {
    const limit = gate.limits.concurrent;
    if (limit === undefined) return undefined;
    if (!this.#semaphore.tryEnter(gate.concurrencyKey, limit)) {
      return { limit: `${gate.name}.concurrent`, rate: undefined };
    }
    this.#entered.push(gate.concurrencyKey);
    return undefined;
  }

  #giveBackTo(length: number): void {
    while (this.#taken.length > length) {
      const { bucket, slot } = this.#taken.pop()!;
      this.#store.giveBack(bucket, slot);
    }
  }
}

function countedRate(name: string, bucket: RateBucket, outcome: RateOutcome): CountedRate {
  return {
    name,
    shape: bucket.shape,
    remaining: outcome.remaining,
    waitMs: outcome.waitMs,
  };
}

/** `tiers.free.rate`, and `tiers.free.rate[1]` for the second of a list. */
function rateName(gate: Gate, index: number): string {
  return index === 0 ? `${gate.name}.rate` : `${gate.name}.rate[${index}]`;
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

function ignore(): void {}
