import { performance } from 'node:perf_hooks';
import type { Clock } from '../core/clock.ts';

/**
 * The real clock. Node keeps timers of one duration in one list, so a timer per request with the few
 * durations of `core/deadlines.ts` costs an append, not a heap operation.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
