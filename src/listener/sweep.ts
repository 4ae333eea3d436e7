import type { Clock } from '../core/clock.ts';

/** Something with deadlines that is looked at once a tick. Must not throw. */
export interface Swept {
  sweep(nowMs: number): void;
}

/** Deadlines are exact to one tick: far below the shortest limit, far above the cost of the walk. */
const TICK_MS = 1_000;

/**
 * One timer for every deadline of every connection and stream (performance rule 6): each tick walks the
 * list. Times are those of the monotonic clock.
 */
export class Sweeper {
  readonly #clock: Clock;
  readonly #swept = new Set<Swept>();
  #isTicking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(swept: Swept): void {
    this.#swept.add(swept);
    this.#arm();
  }

  remove(swept: Swept): void {
    this.#swept.delete(swept);
  }

  #arm(): void {
    if (this.#isTicking || this.#swept.size === 0) return;
    this.#isTicking = true;
    this.#clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const swept of this.#swept) swept.sweep(nowMs);
    this.#isTicking = false;
    this.#arm();
  }
}
