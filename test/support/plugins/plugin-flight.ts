import type { Clock } from '../../../src/core/clock.ts';

const MAX_KEYS = 1000;

/**
 * One run per key at a time; whoever asks meanwhile shares its outcome. After `ttlMs` the run's
 * signal aborts and the next to ask starts anew. In this process only.
 */
export class SingleFlight {
  readonly #clock: Clock;
  readonly #flights = new Map<string, Promise<unknown>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  run<T>(key: string, ttlMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = this.#flights.get(key);
    if (running !== undefined) return running as Promise<T>;
    if (this.#flights.size >= MAX_KEYS) {
      return Promise.reject(new Error(`more than ${MAX_KEYS} single flights at a time`));
    }
    const flight = this.#start(key, ttlMs, work);
    this.#flights.set(key, flight);
    return flight;
  }

  async #start<T>(
    key: string,
    ttlMs: number,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const lease = new AbortController();
    const timer = this.#clock.after(ttlMs, () => {
      this.#flights.delete(key);
      lease.abort(new DOMException('The lease of this single flight ended.', 'TimeoutError'));
    });
    // One turn later, so that the flight is in the map before work that ends at once takes it out.
    await Promise.resolve();
    try {
      return await work(lease.signal);
    } finally {
      timer.cancel();
      if (!lease.signal.aborted) this.#flights.delete(key);
    }
  }
}
