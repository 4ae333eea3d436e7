import type { BucketShape } from '../../../src/core/bucket-shape.ts';
import type { RateCheck, SharedRate } from '../../../src/policy/snapshot/snapshot.ts';

/** A check of the rate of a tier, as the policy compiles it; `shared` where a store counts it. */
export function rateCheck(key: string, shape: BucketShape, shared?: SharedRate): RateCheck {
  const check = {
    kind: 'rate',
    name: 'tiers.free.rate',
    group: 'tiers.free',
    mode: 'enforce',
    ruleKey: 'free',
    key,
    shape,
  } as const;
  return shared === undefined ? check : { ...check, shared };
}
