import type { BucketShape } from './bucket-shape.ts';

/**
 * A token bucket is one number: the moment at which it will be full. It refills lazily, by time passing;
 * taking a token moves that moment one interval later. Moments are `Clock.monotonicMs`. This is the
 * generic cell rate algorithm (ITU-T I.371), and eight octets a key.
 */

/** When the bucket is full after a token is taken at `nowMs`, whether or not one may be. */
export function fullAfterTake(shape: BucketShape, fullAtMs: number, nowMs: number): number {
  return Math.max(fullAtMs, nowMs) + shape.intervalMs;
}

/** Milliseconds until a token is available; 0 when one is. `fullAtMs` is the state of the bucket. */
export function waitMs(shape: BucketShape, fullAtMs: number, nowMs: number): number {
  const below = fullAtMs - nowMs - shape.capacity * shape.intervalMs;
  // A thousandth of a token forgives the rounding of sums of intervals; it never adds up to a token.
  return below <= shape.intervalMs / 1000 ? 0 : below;
}

/** Whole tokens left. */
export function tokensLeft(shape: BucketShape, fullAtMs: number, nowMs: number): number {
  const used = Math.max(0, fullAtMs - nowMs) / shape.intervalMs;
  return Math.max(0, Math.floor(shape.capacity - used + 1 / 1000));
}
