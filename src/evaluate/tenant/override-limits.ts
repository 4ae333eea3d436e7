import type { Limits, LimitsOverride } from '../../policy/snapshot/snapshot.ts';

/** Merged once for an override and a tier: both live as long as their snapshot. */
const merged = new WeakMap<LimitsOverride, WeakMap<Limits, Limits>>();
/** The tier of those that have none: nothing is limited. */
const NO_TIER = {} as Limits;

/** The limits of a tier with what a tenant's override says in place of it, field by field. */
export function withOverride(tier: Limits | undefined, override: LimitsOverride): Limits {
  const under = tier ?? NO_TIER;
  let known = merged.get(override);
  if (known === undefined) merged.set(override, (known = new WeakMap()));
  let limits = known.get(under);
  if (limits === undefined) known.set(under, (limits = merge(tier, override)));
  return limits;
}

function merge(tier: Limits | undefined, override: LimitsOverride): Limits {
  const { rates = [], mode = 'enforce' } = override;
  if (tier === undefined) return { ...override, rates, mode };
  const said = Object.entries(override).filter(([, value]) => value !== undefined);
  return { ...tier, ...Object.fromEntries(said) };
}
