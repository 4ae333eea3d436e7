import type { BucketShape } from '../../core/bucket-shape.ts';

export type { Rate } from '../../core/bucket-shape.ts';

export interface Limits {
  /** All must admit. */
  readonly rates: readonly BucketShape[];
  readonly concurrent: number | undefined;
  readonly mode: 'enforce' | 'shadow';
}
