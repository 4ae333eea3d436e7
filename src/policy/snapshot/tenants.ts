import type { ClaimPath } from './claim-path.ts';
import type { TenantLimits } from './limits.ts';

export interface TenantsPolicy {
  /** Where the tenant id comes from; undefined: issuer and subject. */
  readonly id: ClaimPath | undefined;
  readonly tier: { readonly from: ClaimPath | undefined; readonly default: string | undefined };
  readonly anonymous: { readonly tier: string | undefined };
  readonly overrides: ReadonlyMap<string, TenantOverride>;
}

export interface TenantOverride {
  readonly tier: string | undefined;
  /** By the tier of the tenant (undefined: none): its limits with the override in place of them. */
  readonly limits: ReadonlyMap<string | undefined, TenantLimits> | undefined;
}
