import type { UnknownTierListener } from './resolve-tenant.ts';

/** Names remembered: a policy has a handful of tiers, so more than this is noise, not news. */
const MAX_NAMES = 256;
/** Claims are the issuer's text; a log line takes this much of it. */
const MAX_NAME_LENGTH = 64;

/** Says once per name that a claim named no tier (policy-language.md 3); silent when it has said 256 names. */
export function warnOncePerTier(warn: (message: string) => void): UnknownTierListener {
  const seen = new Set<string>();
  return (tier, usedInstead) => {
    const name = tier.slice(0, MAX_NAME_LENGTH);
    if (seen.size >= MAX_NAMES || seen.has(name)) return;
    seen.add(name);
    const used = usedInstead === undefined ? 'no tier limits' : `tier ${usedInstead}`;
    warn(
      `tenants.tier.from names tier ${JSON.stringify(name)}, which is not defined: ${used} used`,
    );
  };
}
