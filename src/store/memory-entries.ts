import type { Clock } from '../core/clock.ts';
import { StoreError } from './key-value-store.ts';

export interface Quota {
  readonly entries: number;
  /** Of keys and values together. */
  readonly characters: number;
}

interface Entry {
  readonly value: string;
  expiresAtMs: number;
}

/** So many entries are looked at with each write: expired ones go as fast as new ones come. */
const SWEPT_PER_WRITE = 4;

/** Texts with an end, within a quota. `onGone` is told of every entry that leaves. */
export class MemoryEntries {
  readonly #clock: Clock;
  readonly #quota: Quota;
  readonly #onGone: ((key: string, value: string) => void) | undefined;
  readonly #entries = new Map<string, Entry>();
  #characters = 0;
  #cursor: Iterator<[string, Entry]> | undefined;

  constructor(clock: Clock, quota: Quota, onGone?: (key: string, value: string) => void) {
    this.#clock = clock;
    this.#quota = quota;
    this.#onGone = onGone;
  }

  get(key: string): string | undefined {
    return this.#alive(key)?.value;
  }

  /** Throws `store_full` when the quota is used up by entries that are alive. */
  set(key: string, value: string, ttlMs: number): void {
    if (!(ttlMs > 0)) throw new RangeError(`ttlMs must be above 0, found ${ttlMs}`);
    this.#sweepSome();
    const added = key.length + value.length;
    const before = this.#entries.get(key);
    const freed = before === undefined ? 0 : key.length + before.value.length;
    if (!this.#hasRoom(added - freed, before === undefined)) this.#sweepAll();
    if (!this.#hasRoom(added - freed, before === undefined)) {
      throw new StoreError('store_full', `the store is full (${this.#entries.size} entries)`);
    }
    this.#entries.set(key, { value, expiresAtMs: this.#clock.monotonicMs() + ttlMs });
    this.#characters += added - freed;
  }

  extend(key: string, ttlMs: number): boolean {
    const entry = this.#alive(key);
    if (entry === undefined) return false;
    entry.expiresAtMs = this.#clock.monotonicMs() + ttlMs;
    return true;
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#characters -= key.length + entry.value.length;
    this.#onGone?.(key, entry.value);
  }

  #alive(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAtMs > this.#clock.monotonicMs()) return entry;
    this.delete(key);
    return undefined;
  }

  #hasRoom(characters: number, isNew: boolean): boolean {
    if (isNew && this.#entries.size >= this.#quota.entries) return false;
    return this.#characters + characters <= this.#quota.characters;
  }

  /** Goes round and round; a map's iterator lives through changes of the map. */
  #sweepSome(): void {
    const now = this.#clock.monotonicMs();
    for (let i = 0; i < SWEPT_PER_WRITE; i += 1) {
      this.#cursor ??= this.#entries.entries();
      const next = this.#cursor.next();
      if (next.done === true) {
        this.#cursor = undefined;
        return;
      }
      const [key, entry] = next.value;
      if (entry.expiresAtMs <= now) this.delete(key);
    }
  }

  #sweepAll(): void {
    const now = this.#clock.monotonicMs();
    for (const [key, entry] of this.#entries) {
      if (entry.expiresAtMs <= now) this.delete(key);
    }
  }
}
