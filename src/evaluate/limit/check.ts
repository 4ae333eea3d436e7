import type { Limits } from '../../policy/snapshot/snapshot.ts';
import type { BucketShape } from '../../core/bucket-shape.ts';

interface Counted {
  /** As the policy names it, for the 429: `tiers.free.rate`, `routes.web.concurrent`. */
  readonly name: string;
  /** Checks of one `limits` block. What a block in shadow mode would refuse spends nothing of it. */
  readonly group: string;
  readonly mode: Limits['mode'];
  /** Rule and who is counted: a length-prefixed tuple of verified data. */
  readonly key: string;
}

/** A token of a rate. */
export interface RateCheck extends Counted {
  readonly kind: 'rate';
  /** Rule and window alone: the bucket shared by keys that find no room. */
  readonly overflowKey: string;
  readonly shape: BucketShape;
}

/** A place among those in flight, held until the request is over. */
export interface PlaceCheck extends Counted {
  readonly kind: 'place';
  readonly most: number;
}

/** One thing that is counted for a request, and must be there. */
export type Check = RateCheck | PlaceCheck;
