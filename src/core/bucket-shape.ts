/** Admissions per window. `10/s` is `{ amount: 10, windowMs: 1000 }`. */
export interface Rate {
  readonly amount: number;
  readonly windowMs: number;
  /** As written, for messages and fields. */
  readonly text: string;
}

/** What a token bucket needs to know of its rate: made once, with the policy. */
export interface BucketShape {
  /** Milliseconds per token. */
  readonly intervalMs: number;
  /** Tokens in a full bucket. */
  readonly capacity: number;
  /** As written, for fields: tokens per window. */
  readonly rate: Rate;
}

/** The shape of one rate; `burst` is the capacity, by default the amount of the window. */
export function bucketShape(rate: Rate, burst: number | undefined): BucketShape {
  return { intervalMs: rate.windowMs / rate.amount, capacity: burst ?? rate.amount, rate };
}
