import { DEADLINES } from '../core/deadlines.ts';
import { keyTuple } from '../core/key-tuple.ts';
import { Lease } from './lease.ts';
import type { LeaseParts } from './lease.ts';

const MAX_KEYS = 1000;

type Work<T> = (signal: AbortSignal) => Promise<T>;

/**
 * One run per key at a time, over all replicas. Whoever asks in this process meanwhile shares
 * its outcome; another replica waits for the lease and then runs its own work, which begins by
 * re-reading. After `ttlMs`, waiting included, the run's signal aborts and the next to ask starts anew.
 */
export class LeasedFlight {
  readonly #parts: LeaseParts;
  readonly #name: string;
  readonly #flights = new Map<string, Promise<unknown>>();

  /** `name` keeps the keys of one provider apart from those of others. */
  constructor(parts: LeaseParts, name: string) {
    this.#parts = parts;
    this.#name = name;
  }

  run<T>(key: string, ttlMs: number, work: Work<T>): Promise<T> {
    const running = this.#flights.get(key);
    if (running !== undefined) return running as Promise<T>;
    if (this.#flights.size >= MAX_KEYS) {
      return Promise.reject(new Error(`more than ${MAX_KEYS} single flights at a time`));
    }
    const flight = this.#start(key, ttlMs, work);
    this.#flights.set(key, flight);
    return flight;
  }

  async #start<T>(key: string, ttlMs: number, work: Work<T>): Promise<T> {
    const ending = new AbortController();
    const timer = this.#parts.clock.after(ttlMs, () => {
      this.#flights.delete(key);
      ending.abort(new DOMException('The time of this single flight is over.', 'TimeoutError'));
    });
    // One turn later, so that the flight is in the map before work that ends at once takes it out.
    await Promise.resolve();
    try {
      return await this.#fly(key, ending, work);
    } finally {
      timer.cancel();
      if (!ending.signal.aborted) this.#flights.delete(key);
    }
  }

  async #fly<T>(key: string, ending: AbortController, work: Work<T>): Promise<T> {
    const lost = (): void => {
      this.#flights.delete(key);
      ending.abort(new DOMException('The lease of this single flight was lost.', 'AbortError'));
    };
    const lease = await this.#waitForLease(key, ending.signal, lost);
    const release = (): void => void lease.release();
    // Work that does not heed its signal must not keep the next one waiting.
    ending.signal.addEventListener('abort', release, { once: true });
    try {
      return await work(ending.signal);
    } finally {
      ending.signal.removeEventListener('abort', release);
      await lease.release();
    }
  }

  async #waitForLease(key: string, signal: AbortSignal, lost: () => void): Promise<Lease> {
    for (;;) {
      const lease = await Lease.take(this.#parts, keyTuple(this.#name, key), lost);
      if (lease !== undefined && !signal.aborted) return lease;
      if (lease !== undefined) await lease.release();
      await this.#pause(signal);
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        timer.cancel();
        reject(signal.reason as DOMException);
      };
      if (signal.aborted) {
        reject(signal.reason as DOMException);
        return;
      }
      const timer = this.#parts.clock.after(DEADLINES.leasePollMs, () => {
        signal.removeEventListener('abort', ended);
        resolve();
      });
      signal.addEventListener('abort', ended, { once: true });
    });
  }
}
