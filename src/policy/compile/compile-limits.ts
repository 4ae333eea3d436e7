import { DEFAULTS } from '../schema/schema.ts';
import type { LimitsInput } from '../schema/schema.ts';
import type { Limits, LimitsOverride } from '../snapshot/snapshot.ts';

/** Limits as the limiter wants them; undefined and null are "none". */
export function limitsOf(input: LimitsInput | null | undefined): Limits | undefined {
  const said = limitsOverrideOf(input ?? undefined);
  return said && { ...said, rates: said.rates ?? [], mode: said.mode ?? DEFAULTS.limitsMode };
}

/** Of one tenant: what is not said stays undefined, so that the tier says it. */
export function limitsOverrideOf(input: LimitsInput | undefined): LimitsOverride | undefined {
  if (input === undefined) return undefined;
  return {
    rates: input.rate === undefined ? undefined : [input.rate].flat(),
    burst: input.burst,
    concurrent: input.concurrent,
    mode: input.mode,
  };
}
