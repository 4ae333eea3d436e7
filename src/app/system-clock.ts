import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '../core/clock.ts';

/**
 * The real clock. Node keeps timers of one duration in one list, so a timer per request with the few
 * durations of `core/deadlines.ts` costs an append, not a heap operation.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = new CountedTimer(action);
    timer.start(delayMs);
    return timer;
  },
};

let pending = 0;

/** Timers that have neither fired nor been cancelled; a number that only grows is a leak. */
export function pendingTimers(): number {
  return pending;
}

class CountedTimer implements Timer {
  #action: (() => void) | undefined;
  #timeout: NodeJS.Timeout | undefined;

  constructor(action: () => void) {
    this.#action = action;
  }

  start(delayMs: number): void {
    pending += 1;
    this.#timeout = setTimeout(() => this.#fire(), delayMs).unref();
  }

  cancel(): void {
    if (this.#action === undefined) return;
    this.#action = undefined;
    pending -= 1;
    clearTimeout(this.#timeout);
  }

  #fire(): void {
    const action = this.#action!;
    this.#action = undefined;
    pending -= 1;
    action();
  }
}
