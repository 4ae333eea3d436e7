import { bucketShape } from '../../core/bucket-shape.ts';
import { DEFAULTS } from '../schema/schema.ts';
import type { LimitsInput } from '../schema/schema.ts';
import type { Limits } from '../snapshot/snapshot.ts';

/** Limits as the limiter wants them; undefined: none. A burst belongs to the first rate. */
export function limitsOf(input: LimitsInput | undefined): Limits | undefined {
  if (input === undefined) return undefined;
  const rates = input.rate === undefined ? [] : [input.rate].flat();
  return {
    rates: rates.map((rate, index) => bucketShape(rate, index === 0 ? input.burst : undefined)),
    concurrent: input.concurrent,
    mode: input.mode ?? DEFAULTS.limitsMode,
  };
}

/** Those of a tier with what a tenant's override says in place of them, key by key. */
export function overriddenLimits(tier: LimitsInput | undefined, override: LimitsInput): Limits {
  return limitsOf({ ...tier, ...override })!;
}
