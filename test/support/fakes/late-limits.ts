import type { Clock } from '../../../src/core/clock.ts';
import type { Check, SpentCheck } from '../../../src/policy/snapshot/snapshot.ts';
import type { LimitStore, Taken } from '../../../src/evaluate/limit/limit-store.ts';
import { MemoryLimits } from '../../../src/evaluate/limit/memory-limits.ts';

/** Counts in memory and answers in a later turn, as a store over a network does. */
export class LateLimits implements LimitStore {
  /** Turns in which something was asked: each would be one round trip. */
  roundTrips = 0;
  readonly #memory: MemoryLimits;
  #isAskedThisTurn = false;

  constructor(clock: Clock) {
    this.#memory = new MemoryLimits(clock);
  }

  async take(check: Check, nowMs: number): Promise<Taken> {
    this.#countRoundTrip();
    const taken = this.#memory.take(check, nowMs);
    await new Promise(setImmediate);
    return taken;
  }

  async look(check: SpentCheck, nowMs: number): Promise<number> {
    this.#countRoundTrip();
    const left = this.#memory.look(check, nowMs);
    await new Promise(setImmediate);
    return left;
  }

  undo(check: Check, taken: Taken): void {
    this.#memory.undo(check, taken);
  }

  #countRoundTrip(): void {
    if (this.#isAskedThisTurn) return;
    this.#isAskedThisTurn = true;
    this.roundTrips += 1;
    queueMicrotask(() => (this.#isAskedThisTurn = false));
  }
}
