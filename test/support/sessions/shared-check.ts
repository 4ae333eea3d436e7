import { bucketShape } from '../../../src/core/bucket-shape.ts';
import type { RateCheck } from '../../../src/policy/snapshot/snapshot.ts';
import { rateCheck } from '../policy/rate-check.ts';
import { rate } from '../policy/policy.ts';

/** A rate that the store counts, and that admits nobody while it is away. */
export function sharedCheck(key: string, text: string, algorithm: 'window' | 'strict'): RateCheck {
  const shape = bucketShape(rate(text), undefined);
  return rateCheck(key, shape, { algorithm, whenDown: 'closed', share: shape });
}
