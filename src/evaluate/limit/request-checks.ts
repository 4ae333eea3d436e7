import type { ConnectionLife } from '../../core/connection-life.ts';
import { keyTuple } from '../../core/key-tuple.ts';
import type { Check, PlaceCheck, Rule, TenantLimits } from '../../policy/snapshot/snapshot.ts';

/** The part of a `Tenant` (tenant/resolve-tenant.ts) that limits need. */
export interface LimitedTenant {
  readonly id: string;
  readonly kind: string;
  readonly limits: TenantLimits | undefined;
}

/**
 * The checks of a request in their order: tenant, route, path (policy-language.md 2 and 3), and of each the
 * rates before the places. Only the tenant's are made here: those of route and path are compiled.
 */
export function requestChecks(
  { limitChecks }: Pick<Rule, 'limitChecks'>,
  tenant: LimitedTenant,
  connection?: ConnectionLife,
): readonly Check[] {
  const own = tenantChecks(tenant, connection);
  if (own.length === 0) return limitChecks;
  return limitChecks.length === 0 ? own : [...own, ...limitChecks];
}

const NONE: readonly Check[] = [];

/** What counts this tenant by itself. Without a connection its places are held as those of requests are. */
export function tenantChecks(
  { id, kind, limits }: LimitedTenant,
  connection?: ConnectionLife,
): readonly Check[] {
  if (limits === undefined) return NONE;
  const who = keyTuple(kind, id);
  const checks = limits.list.map((limit): Check => ({ ...limit, key: limit.ruleKey + who }));
  if (limits.connections === undefined || connection === undefined) return checks;
  return checks.map((check) => (isOfConnections(check) ? { ...check, connection } : check));
}

function isOfConnections(check: Check): check is PlaceCheck {
  return check.kind === 'place' && check.counts === 'connections';
}
