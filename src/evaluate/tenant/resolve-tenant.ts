import { claimText, readClaim } from '../../core/claims.ts';
import type { Claimant } from '../../core/claims.ts';
import type { TenantId } from '../../core/ids.ts';
import { addressKey } from '../../core/address-key.ts';
import { keyTuple } from '../../core/key-tuple.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type {
  TenantLimits,
  TenantOverride,
  PolicySnapshot,
  TenantsPolicy,
} from '../../policy/snapshot/snapshot.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** On whose account a request goes. */
export interface Tenant {
  readonly id: TenantId;
  /** Where the id comes from: part of every limit key, so a claim cannot pose as an address. */
  readonly kind: TenantKind;
  /** The tier it is in; undefined: none. */
  readonly tier: string | undefined;
  /** Those of the tier, with what an override says in place of them; undefined: no tenant limits. */
  readonly limits: TenantLimits | undefined;
  /** How the policy names these limits, for the 429: `tiers.free` or `tenants.overrides`. */
  readonly limitsName: string;
}

type TenantKind = 'claim' | 'identity' | 'address';

/** Told when a verified claim names a tier that the policy does not have. */
export type UnknownTierListener = (tier: string, usedInstead: string | undefined) => void;

type TenantRules = Pick<PolicySnapshot, 'tenants' | 'tiers'>;

const DEFAULT_TIER = 'default';

/**
 * The tenant of a request by policy-language.md 3, from verified data only.
 * Refuses with `tenant_unknown` when `tenants.id` yields nothing for an identity.
 */
export function resolveTenant(
  policy: TenantRules,
  identity: Claimant | undefined,
  clientAddress: string,
  onUnknownTier: UnknownTierListener = ignore,
): Tenant | Refusal {
  if (identity === undefined) return anonymousTenant(policy, clientAddress);
  const id = identifiedId(policy.tenants, identity);
  if (id === undefined) return unknownTenant(policy.tenants);
  const override = policy.tenants?.overrides.get(id);
  const tier = override?.tier ?? identifiedTier(policy, identity, onUnknownTier);
  const kind = policy.tenants?.id === undefined ? 'identity' : 'claim';
  return tenantOf(policy, { id, kind }, tier, override?.limits);
}

function anonymousTenant(policy: TenantRules, clientAddress: string): Tenant {
  const id = addressKey(clientAddress) as TenantId;
  const wanted = policy.tenants?.anonymous.tier ?? policy.tenants?.tier.default;
  return tenantOf(policy, { id, kind: 'address' }, definedTier(policy, wanted), undefined);
}

/** The id as the claim gives it, so that `overrides` can name it; without a `tenants.id` a tuple. */
function identifiedId(
  tenants: TenantsPolicy | undefined,
  identity: Claimant,
): TenantId | undefined {
  if (tenants?.id !== undefined) {
    return claimText(readClaim(tenants.id, identity)) as TenantId | undefined;
  }
  return keyTuple(identity.issuer, identity.subject) as TenantId;
}

function identifiedTier(
  policy: TenantRules,
  identity: Claimant,
  onUnknownTier: UnknownTierListener,
): string | undefined {
  const fallback = definedTier(policy, policy.tenants?.tier.default);
  const from = policy.tenants?.tier.from;
  const claimed = from === undefined ? undefined : claimText(readClaim(from, identity));
  if (claimed === undefined) return fallback;
  if (policy.tiers.has(claimed)) return claimed;
  onUnknownTier(claimed, fallback);
  return fallback;
}

/** The tier named, else the tier called `default` where the policy defines one. */
function definedTier(policy: TenantRules, wanted: string | undefined): string | undefined {
  if (wanted !== undefined && policy.tiers.has(wanted)) return wanted;
  return policy.tiers.has(DEFAULT_TIER) ? DEFAULT_TIER : undefined;
}

function tenantOf(
  policy: TenantRules,
  who: Pick<Tenant, 'id' | 'kind'>,
  tier: string | undefined,
  override: TenantOverride['limits'],
): Tenant {
  if (override !== undefined) {
    return { ...who, tier, limits: override.get(tier), limitsName: 'tenants.overrides' };
  }
  const limits = tier === undefined ? undefined : policy.tiers.get(tier);
  return { ...who, tier, limits, limitsName: tier === undefined ? 'tenant' : `tiers.${tier}` };
}

function unknownTenant(tenants: TenantsPolicy | undefined): Refusal {
  const path = tenants?.id?.kind === 'claim' ? tenants.id.keys.join('.') : tenants?.id?.kind;
  return refuse('tenant_unknown', {
    reason: namedReason(
      'tenant.id_missing',
      `tenants.id (${path ?? 'none'}) yields no single text for this identity`,
    ),
  });
}

function ignore(): void {}
