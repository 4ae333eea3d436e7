import { keyTuple } from '../core/key-tuple.ts';
import type { Limits, Rule } from '../policy/snapshot.ts';
import type { RateBucket } from './rate-store.ts';
import { bucketShape } from './token-bucket.ts';
import type { BucketShape } from './token-bucket.ts';

/** One set of limits that must admit a request. */
export interface Gate {
  /** As the policy names it: `tiers.free`, `routes.web`, `routes.web.paths./v1/**`. */
  readonly name: string;
  readonly limits: Limits;
  /** One bucket per rate, in the policy's order. */
  readonly buckets: readonly RateBucket[];
  /** What `concurrent` counts. */
  readonly concurrencyKey: string;
  /** What the limit on places is called. Default: `concurrent` of the name. */
  readonly placesName?: string;
}

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
 * The gates of a request in their order: tenant, route, path (policy language, sections 2 and 3). The
 * tenant's gate counts each tenant by itself; those of route and path protect the service and count all
 * tenants together.
 */
export function gatesFor(rule: LimitedRule, tenant: LimitedTenant): readonly Gate[] {
  const who = keyTuple(tenant.kind, tenant.id);
  const gates: Gate[] = [];
  // The tenant's bucket has no tier in its key: a new tier does not hand out a fresh bucket.
  addGate(gates, tenant.limitsName, keyTuple('tenant'), who, tenant.limits);
  const routeName = `routes.${rule.route}`;
  addGate(gates, routeName, keyTuple('route', rule.route), ALL_TENANTS, rule.routeLimits);
  const pathName = `${routeName}.paths.${rule.path}`;
  addGate(gates, pathName, keyTuple('path', rule.route, rule.path), ALL_TENANTS, rule.pathLimits);
  return gates;
}

function addGate(
  gates: Gate[],
  name: string,
  ruleKey: string,
  who: string,
  limits: Limits | undefined,
): void {
  if (limits === undefined) return;
  const key = ruleKey + who;
  gates.push({ name, limits, buckets: bucketsOf(limits, ruleKey, who), concurrencyKey: key });
}

/** Buckets are named by rule and window, so they survive a reload that keeps both (section 3). */
function bucketsOf(limits: Limits, ruleKey: string, who: string): readonly RateBucket[] {
  return shapesOf(limits).map((shape) => {
    const overflowKey = ruleKey + keyTuple(String(shape.rate.windowMs));
    return { key: overflowKey + who, overflowKey, shape };
  });
}

/** Limits are frozen with their policy, so their shapes are made once. */
const knownShapes = new WeakMap<Limits, readonly BucketShape[]>();

function shapesOf(limits: Limits): readonly BucketShape[] {
  const known = knownShapes.get(limits);
  if (known !== undefined) return known;
  const { rates, burst } = limits;
  const shapes = rates.map((rate, index) => bucketShape(rate, index === 0 ? burst : undefined));
  knownShapes.set(limits, shapes);
  return shapes;
}
