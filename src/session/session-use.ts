import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import type { Maybe } from '../core/maybe.ts';
import type { KeyValueStore } from '../store/key-value-store.ts';

/** Sessions whose last extension is remembered; one that is forgotten is extended once more. */
const MAX_REMEMBERED = 100_000;
/** A page with a hundred requests extends its session once. At most, and as a part of the idle limit. */
const MAX_PAUSE_MS = 60_000;
const PAUSES_PER_IDLE_LIMIT = 30;

/** Extends sessions in the store when they are used, but not with every request. */
export class SessionUse {
  readonly #store: KeyValueStore;
  readonly #clock: Clock;
  readonly #extendedAt = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(store: KeyValueStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The key lives for `ttlMs` from now, or from a moment ago that is short against the idle limit. */
  note(key: string, ttlMs: number, idleMs: number): Maybe<boolean> {
    const now = this.#clock.monotonicMs();
    const pauseMs = Math.min(MAX_PAUSE_MS, idleMs / PAUSES_PER_IDLE_LIMIT);
    const before = this.#extendedAt.get(key);
    if (before !== undefined && now - before < pauseMs) return true;
    this.#extendedAt.set(key, now);
    return this.#store.extend(key, ttlMs);
  }
}
