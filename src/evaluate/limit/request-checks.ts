import { keyTuple } from '../../core/key-tuple.ts';
import type { Limits, Rule } from '../../policy/snapshot/snapshot.ts';
import type { Check } from './check.ts';

/** The part of a `Tenant` (tenant/resolve-tenant.ts) that limits need. */
export interface LimitedTenant {
  readonly id: string;
  readonly kind: string;
  readonly limits: Limits | undefined;
  readonly limitsName: string;
}

type LimitedRule = Pick<Rule, 'route' | 'path' | 'routeLimits' | 'pathLimits'>;

/** In the place of a tenant, where a limit counts all of them together. */
const ALL_TENANTS = keyTuple('all');

/**
 * The checks of a request in their order: tenant, route, path (policy-language.md 2 and 3), and of
 * each the rates before the places. The tenant's count each tenant by itself; those of route and path
 * protect the service and count all tenants together.
 */
export function requestChecks(rule: LimitedRule, tenant: LimitedTenant): readonly Check[] {
  const checks: Check[] = [];
  if (tenant.limits !== undefined) {
    // The tenant's bucket has no tier in its key: a new tier does not hand out a fresh bucket.
    const who = keyTuple(tenant.kind, tenant.id);
    addBlock(checks, tenant.limitsName, keyTuple('tenant'), who, tenant.limits);
  }
  const { route, path, routeLimits, pathLimits } = rule;
  if (routeLimits !== undefined) {
    addBlock(checks, `routes.${route}`, keyTuple('route', route), ALL_TENANTS, routeLimits);
  }
  if (pathLimits !== undefined) {
    const name = `routes.${route}.paths.${path}`;
    addBlock(checks, name, keyTuple('path', route, path), ALL_TENANTS, pathLimits);
  }
  return checks;
}

/** One `limits` block. Buckets are named by rule and window, so they outlast a reload that keeps both. */
// oxlint-disable-next-line max-params -- up to three times per request: an options object would be an allocation each
function addBlock(
  checks: Check[],
  group: string,
  ruleKey: string,
  who: string,
  limits: Limits,
): void {
  const { rates, concurrent, mode } = limits;
  for (let index = 0; index < rates.length; index += 1) {
    const shape = rates[index]!;
    const overflowKey = ruleKey + keyTuple(String(shape.rate.windowMs));
    const name = rateName(group, index);
    checks.push({ kind: 'rate', name, group, mode, key: overflowKey + who, overflowKey, shape });
  }
  if (concurrent === undefined) return;
  const name = `${group}.concurrent`;
  checks.push({ kind: 'place', name, group, mode, key: ruleKey + who, most: concurrent });
}

/** `tiers.free.rate`, and `tiers.free.rate[1]` for the second of a list. */
function rateName(group: string, index: number): string {
  return index === 0 ? `${group}.rate` : `${group}.rate[${index}]`;
}
