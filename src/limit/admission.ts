import type { Gate } from './gates.ts';
import type { HeldPlaces } from './permit.ts';
import type { CountedRate } from './rate-limit-fields.ts';
import type { RateBucket, RateOutcome, RateStore } from './rate-store.ts';
import type { Semaphore } from './semaphore.ts';

/** Why a gate did not admit; `rate` is undefined when it was `concurrent`. */
export interface Limited {
  readonly limit: string;
  readonly rate: CountedRate | undefined;
}

interface Taken {
  readonly bucket: RateBucket;
  readonly slot: number;
}

/** One request's way through the gates: what it took, so that it can be given back. */
export class Admission implements HeldPlaces {
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
    for (let index = 0; index < gate.buckets.length; index += 1) {
      const bucket = gate.buckets[index]!;
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
      return { limit: gate.placesName ?? `${gate.name}.concurrent`, rate: undefined };
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
