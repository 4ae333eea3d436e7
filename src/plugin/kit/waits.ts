import type { Call, Context } from '../contract.ts';

/** Of the time a call has left: enough remains to answer ourselves instead of being timed out. */
const SHARE_OF_CALL = 0.75;

/**
 * Milliseconds that a plugin may wait for somebody else within `call`. Less than the call has left: a plugin that is
 * timed out has failed, and five failures open its circuit for everybody.
 */
export function timeLeft(call: Pick<Call, 'deadline'>, clock: Context['clock']): number {
  return Math.max(0, (call.deadline - clock.now()) * SHARE_OF_CALL);
}

/** The value of `promise`, or undefined after `limitMs`. Rejects as the promise does before that. */
export function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, limitMs));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Settles with `promise`, or after `limitMs`, whichever is first. Never rejects. */
export async function atMost(limitMs: number, promise: Promise<unknown>): Promise<void> {
  await within(limitMs, promise).catch(() => {});
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
