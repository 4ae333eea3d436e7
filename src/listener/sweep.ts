import type { Clock } from '../core/clock.ts';
import { type RosterEntry, Roster } from '../core/roster.ts';

/** Something with deadlines that is looked at once a tick. Must not throw. */
export interface Swept {
  sweep(nowMs: number): void;
}

/** Deadlines are exact to one tick: far below the shortest limit, far above the cost of the walk. */
const TICK_MS = 1_000;

/**
 * One timer for every deadline of every connection and stream: each tick walks the
 * list. Times are those of the monotonic clock.
 */
export class Sweeper {
  readonly #clock: Clock;
  readonly #swept = new Roster<Swept>();
  #isTicking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Until the place is left. */
  add(swept: Swept): RosterEntry {
    const entry = this.#swept.add(swept);
    this.#arm();
    return entry;
  }

  #arm(): void {
    if (this.#isTicking || this.#swept.size === 0) return;
    this.#isTicking = true;
    this.#clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const swept of this.#swept.items()) swept.sweep(nowMs);
    this.#isTicking = false;
    this.#arm();
  }
}
