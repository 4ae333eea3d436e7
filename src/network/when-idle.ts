import type { Clock } from '../core/clock.ts';

/** Between two looks: nothing tells when the last lane of a replaced network ends, and nobody is in a hurry. */
const LOOK_MS = 250;

/** Resolves when `isIdle` says so, and after `limitMs` in any case. */
export function whenIdle(isIdle: () => boolean, clock: Clock, limitMs: number): Promise<void> {
  const endMs = clock.monotonicMs() + limitMs;
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    if (isIdle() || clock.monotonicMs() >= endMs) resolve();
    else clock.after(LOOK_MS, look);
  };
  look();
  return promise;
}
