import type { Clock, Timer } from '../../../src/core/clock.ts';

interface Pending {
  readonly due: number;
  readonly action: () => void;
}

/** A clock that moves only when told to; timers fire in order of their due time. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const pending = { due: this.#nowMs + delayMs, action };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Moves time on, firing what falls due on the way, timers set by timers included. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const next = this.#nextDue(end);
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.due);
      next.action();
    }
    this.#nowMs = end;
  }

  #nextDue(end: number): Pending | undefined {
    let next: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.due <= end && (next === undefined || pending.due < next.due)) next = pending;
    }
    return next;
  }
}
