/**
 * Counts what is in flight per key. A key exists while something of it is in flight, so the table is as
 * large as the requests the listener lets in, and needs no eviction.
 */
export class Semaphore {
  readonly #inFlight = new Map<string, number>();

  /** Enters under the key unless `limit` are in already. */
  tryEnter(key: string, limit: number): boolean {
    const count = this.#inFlight.get(key) ?? 0;
    if (count >= limit) return false;
    this.#inFlight.set(key, count + 1);
    return true;
  }

  /** Takes back one successful `tryEnter`. */
  release(key: string): void {
    const count = this.#inFlight.get(key) ?? 0;
    if (count <= 1) this.#inFlight.delete(key);
    else this.#inFlight.set(key, count - 1);
  }

  inFlight(key: string): number {
    return this.#inFlight.get(key) ?? 0;
  }

  get keyCount(): number {
    return this.#inFlight.size;
  }
}
