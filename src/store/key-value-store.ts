import type { Maybe } from '../core/maybe.ts';

/**
 * What sessions, leases and plugins keep: short texts with an end. In this process (`MemoryStore`) or
 * shared by all replicas (`RedisStore`), with the same semantics; memory answers with values at once.
 * Every operation throws, or rejects, with a `StoreError` when the store cannot do it: never "absent".
 */
export interface KeyValueStore extends AsyncDisposable {
  /** False: other replicas do not see what is here. */
  readonly isShared: boolean;
  /** False: operations fail for now. */
  readonly isReady: boolean;
  get(key: string): Maybe<string | undefined>;
  /** False when `ifAbsent` and the key is there. */
  set(key: string, value: string, options: SetOptions): Maybe<boolean>;
  /** Replaces the value only while it is `expected`; false, also for a key that has ended. */
  compareAndSet(key: string, change: Change): Maybe<boolean>;
  /** Lets a key that is there live for `ttlMs` from now; false when it is not there. */
  extend(key: string, ttlMs: number): Maybe<boolean>;
  /** True when it was there; with `expected` only while that is its value. */
  delete(key: string, expected?: string): Maybe<boolean>;
  /** Sets of texts, each member with its own end. */
  addMember(set: string, member: string, ttlMs: number): Maybe<void>;
  removeMember(set: string, member: string): Maybe<void>;
  members(set: string): Maybe<readonly string[]>;
  /** To every subscriber of the channel on every replica, this one included; not kept for later ones. */
  publish(channel: string, message: string): Maybe<void>;
  subscribe(channel: string, subscriber: Subscriber): void;
  /** Idempotent; every later operation fails. */
  close(): Promise<void>;
}

export interface SetOptions {
  /** Above 0. */
  readonly ttlMs: number;
  readonly ifAbsent?: boolean;
}

export interface Change {
  readonly expected: string;
  readonly value: string;
  readonly ttlMs: number;
}

export interface Subscriber {
  message(text: string): void;
  /** Listening begins now, for the first time or again: what was said before may have been missed. */
  gap(): void;
}

export type StoreTrouble = 'store_unavailable' | 'store_full' | 'store_contention';

/** The store failed. Callers must not treat that as "no session": answer 503, not as anonymous. */
export class StoreError extends Error {
  readonly code: StoreTrouble;

  constructor(code: StoreTrouble, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}
