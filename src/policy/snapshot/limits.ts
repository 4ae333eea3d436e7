/** Admissions per window. `10/s` is `{ amount: 10, windowMs: 1000 }`. */
export interface Rate {
  readonly amount: number;
  readonly windowMs: number;
  /** As written, for messages and fields. */
  readonly text: string;
}

export interface Limits {
  /** All must admit; the first also takes `burst`. */
  readonly rates: readonly Rate[];
  /** Bucket capacity of the first rate; undefined: its amount. */
  readonly burst: number | undefined;
  readonly concurrent: number | undefined;
  readonly mode: 'enforce' | 'shadow';
}
