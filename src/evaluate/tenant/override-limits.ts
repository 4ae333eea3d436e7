import type { Limits, LimitsOverride } from '../../policy/snapshot/snapshot.ts';

const NONE: Limits = { rates: [], burst: undefined, concurrent: undefined, mode: 'enforce' };

/** Merged once for an override and a tier: both live as long as their snapshot. */
const merged = new WeakMap<LimitsOverride, WeakMap<Limits, Limits>>();

/** The limits of a tier with what a tenant's override says in place of it, field by field. */
export function withOverride(tier: Limits | undefined, override: LimitsOverride): Limits {
  const under = tier ?? NONE;
  let known = merged.get(override);
  if (known === undefined) merged.set(override, (known = new WeakMap()));
  let limits = known.get(under);
  if (limits === undefined) known.set(under, (limits = merge(under, override)));
  return limits;
}

function merge(tier: Limits, override: LimitsOverride): Limits {
  return {
    rates: override.rates ?? tier.rates,
    burst: override.burst ?? tier.burst,
    concurrent: override.concurrent ?? tier.concurrent,
    mode: override.mode ?? tier.mode,
  };
}
