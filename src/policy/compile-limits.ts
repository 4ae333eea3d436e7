import type { LimitsInput } from './schema/limits.ts';
import type { Limits } from './snapshot.ts';

/** Limits as the limiter wants them; undefined and null are "none". */
export function limitsOf(input: LimitsInput | null | undefined): Limits | undefined {
  if (input === undefined || input === null) return undefined;
  return {
    rates: input.rate === undefined ? [] : [input.rate].flat(),
    burst: input.burst,
    concurrent: input.concurrent,
    mode: input.mode ?? 'enforce',
  };
}
