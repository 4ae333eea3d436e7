import type { Clock } from '../../../core/clock.ts';

/** The promise's outcome, or a rejection after `limitMs`. What it stands for goes on unwatched. */
export function within<T>(clock: Clock, limitMs: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () => {
      reject(new DOMException(`No outcome within ${limitMs} ms.`, 'TimeoutError'));
    });
    void promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
