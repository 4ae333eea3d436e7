import type { Clock } from '../../../src/core/clock.ts';
import type { Store } from '../../../src/plugin/contract.ts';

const MAX_ENTRIES = 10_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
}

/**
 * The `Store` of one provider, in this process. Full means refused: dropping an entry to make room
 * would let a replayed token or a used login attempt look new again.
 */
export class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();
  #characters = 0;

  constructor(clock: Clock, maxEntries = MAX_ENTRIES) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#alive(key)?.value);
  }

  /** False when `ifAbsent` and the key is there. Rejects when the store is full. */
  set(
    key: string,
    value: string,
    options: { readonly ttlMs: number; readonly ifAbsent?: boolean },
  ): Promise<boolean> {
    if (options.ifAbsent === true && this.#alive(key) !== undefined) return Promise.resolve(false);
    if (!(options.ttlMs > 0)) return Promise.reject(new RangeError('ttlMs must be above 0'));
    this.#remove(key);
    if (!this.#hasRoom(key, value)) this.#sweep();
    if (!this.#hasRoom(key, value)) {
      return Promise.reject(new Error(`the store is full (${this.#entries.size} entries)`));
    }
    this.#entries.set(key, { value, expiresAtMs: this.#clock.monotonicMs() + options.ttlMs });
    this.#characters += key.length + value.length;
    return Promise.resolve(true);
  }

  delete(key: string): Promise<void> {
    this.#remove(key);
    return Promise.resolve();
  }

  #alive(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAtMs > this.#clock.monotonicMs()) return entry;
    this.#remove(key);
    return undefined;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#characters -= key.length + entry.value.length;
  }

  #hasRoom(key: string, value: string): boolean {
    if (this.#entries.size >= this.#maxEntries) return false;
    return this.#characters + key.length + value.length <= MAX_CHARACTERS;
  }

  #sweep(): void {
    const now = this.#clock.monotonicMs();
    for (const [key, entry] of this.#entries) {
      if (entry.expiresAtMs <= now) this.#remove(key);
    }
  }
}
