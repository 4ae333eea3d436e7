import type { BucketShape } from './token-bucket.ts';

/** One bucket of one key, as a store sees it. */
export interface RateBucket {
  /** Rule, window and who is counted: a length-prefixed tuple. */
  readonly key: string;
  /** Rule and window alone: the bucket shared by keys that find no room. */
  readonly overflowKey: string;
  readonly shape: BucketShape;
}

export interface RateOutcome {
  readonly isAdmitted: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Milliseconds until the next token; 0 when admitted. */
  readonly waitMs: number;
  /** Says to the store which bucket was charged, for `giveBack`. */
  readonly slot: number;
}

/**
 * Where buckets live. In memory it answers at once; a store shared by replicas will stand behind the
 * same two verbs, with a local bucket for the time it is down.
 */
export interface RateStore {
  /** Takes one token, or none when there is none. */
  take(bucket: RateBucket, nowMs: number): RateOutcome;
  /** Undoes one admitted `take` of this turn. */
  giveBack(bucket: RateBucket, slot: number): void;
}
