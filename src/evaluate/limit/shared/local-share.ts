import { RateLimiterCompatibleAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../../../core/clock.ts';
import type { BucketShape } from '../../../core/bucket-shape.ts';
import type { BucketTable } from '../bucket-table.ts';
import type { Taken } from '../limit-store.ts';

/** What the buckets of this process said in the store's place. */
export class LocalAnswer extends RateLimiterRes {
  readonly taken: Taken;

  constructor(taken: Taken) {
    super(taken.remaining, taken.waitMs, 0, false);
    this.taken = taken;
  }
}

export interface LocalShareParts {
  readonly clock: Clock;
  /** Bounded, as the buckets of a process without a store are. */
  readonly buckets: BucketTable;
  readonly shape: BucketShape;
}

/** The insurance limiter of rate-limiter-flexible over our own buckets: its own keeps every key it ever saw. */
export class LocalShare extends RateLimiterCompatibleAbstract {
  readonly #parts: LocalShareParts;
  override readonly keyPrefix = '';
  override blockDuration = 0;
  override execEvenly = false;

  constructor(parts: LocalShareParts) {
    super();
    this.#parts = parts;
  }

  /** Of 0 points: what is left. */
  override async consume(key: string | number, points = 1): Promise<RateLimiterRes> {
    const { clock, buckets, shape } = this.#parts;
    const bucket = { key: String(key), ruleKey: OVERFLOW, shape };
    if (points === 0) {
      return new RateLimiterRes(buckets.look(bucket, clock.monotonicMs()), 0, 0, false);
    }
    const answer = new LocalAnswer(buckets.take(bucket, clock.monotonicMs()));
    // As rate-limiter-flexible has it: a refusal is a rejection with the answer.
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    return answer.taken.isAdmitted ? answer : Promise.reject(answer);
  }

  override async reward(key: string | number): Promise<RateLimiterRes> {
    void key;
    return Promise.resolve(new RateLimiterRes());
  }
}

/** Keys that find no room share one bucket: there is a million of room. */
const OVERFLOW = 'away';
