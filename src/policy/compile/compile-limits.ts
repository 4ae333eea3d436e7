import { bucketShape } from '../../core/bucket-shape.ts';
import type { BucketShape, Rate } from '../../core/bucket-shape.ts';
import { keyTuple } from '../../core/key-tuple.ts';
import { DEFAULTS } from '../schema/schema.ts';
import type { LimitsInput, StoreInput, TierLimitsInput } from '../schema/schema.ts';
import type {
  AddressRate,
  Check,
  Limit,
  Limits,
  Quota,
  RateLimit,
  Rule,
  SharedLimit,
  SharedPlace,
  SharedRate,
  TenantLimits,
} from '../snapshot/snapshot.ts';

/** Limits as the limiter wants them; undefined: none. A burst belongs to the first rate. */
export function limitsOf(input: LimitsInput | undefined, store?: StoreInput): Limits | undefined {
  if (input === undefined) return undefined;
  const rates = input.rate === undefined ? [] : [input.rate].flat();
  return {
    rates: rates.map((rate, index) => bucketShape(rate, index === 0 ? input.burst : undefined)),
    quota: quotaOf(input.quota),
    concurrent: input.concurrent,
    // In shadow mode nobody must notice.
    bandwidth: input.mode === 'shadow' ? undefined : input.bandwidth,
    mode: input.mode ?? DEFAULTS.limitsMode,
    shared: sharedOf(input, store),
  };
}

function quotaOf(input: LimitsInput['quota']): Quota | undefined {
  if (input === undefined) return undefined;
  const { amount, per, zone = DEFAULTS.quotaZone } = input;
  const text = `${amount} ${per === 'hour' ? 'an' : 'a'} ${per} (${zone})`;
  return { amount, text, period: { per, zone, name: `${per} ${zone}` } };
}

function sharedOf(input: LimitsInput, store: StoreInput | undefined): SharedLimit | undefined {
  if (store === undefined || input.shared === false) return undefined;
  return {
    algorithm: input.algorithm ?? DEFAULTS.limitsAlgorithm,
    whenDown: input.whenDown ?? store.whenDown ?? DEFAULTS.whenDown,
    replicas: store.replicas ?? DEFAULTS.replicas,
  };
}

/** A burst below the amount of a window is what no window can hold back. */
function sharedRate(
  shape: BucketShape,
  { algorithm, whenDown, replicas }: SharedLimit,
): SharedRate {
  const { intervalMs, capacity, rate } = shape;
  return {
    algorithm: capacity < rate.amount ? 'strict' : algorithm,
    whenDown,
    share: {
      intervalMs: intervalMs * replicas,
      capacity: Math.max(1, Math.floor(capacity / replicas)),
      rate,
    },
  };
}

/** Rounded down: all shares together are never more than the number, also where that leaves none for anybody. */
function sharedPlace(most: number, { whenDown, replicas }: SharedLimit): SharedPlace {
  return { whenDown, share: Math.floor(most / replicas) };
}

/** Limits of each tenant by itself. `group`: `tiers.free`. No tier is in the keys: a new tier gives no fresh bucket. */
export function tenantLimits(
  group: string,
  input: TierLimitsInput,
  store?: StoreInput,
): TenantLimits {
  const limits = limitsOf(input, store)!;
  const { connections } = input;
  const list = limitList(group, keyTuple('tenant'), limits);
  if (connections === undefined) return { ...limits, connections, list };
  return { ...limits, connections, list: [connectionLimit(group, connections, limits), ...list] };
}

function connectionLimit(group: string, most: number, { mode, shared }: Limits): Limit {
  const limit = {
    kind: 'place',
    counts: 'connections',
    name: `${group}.connections`,
    group,
    mode,
    ruleKey: keyTuple('tenant', 'connections'),
    most,
  } as const;
  return shared === undefined ? limit : { ...limit, shared: sharedPlace(most, shared) };
}

/** Both hold, so the lower does. */
export function lowestBandwidth(...all: readonly (Limits | undefined)[]): number | undefined {
  const said = all.flatMap((limits) => limits?.bandwidth ?? []);
  return said.length === 0 ? undefined : Math.min(...said);
}

/** Those of a tier with what a tenant's override says in place of them, key by key. */
export function overriddenLimits(
  tier: TierLimitsInput | undefined,
  override: TierLimitsInput,
  store?: StoreInput,
): TenantLimits {
  return tenantLimits('tenants.overrides', { ...tier, ...override }, store);
}

/** In the place of a tenant, where a limit counts all of them together. */
const ALL_TENANTS = keyTuple('all');

/** The checks of route and path, which protect the service: they count all tenants together. */
export function ruleChecks({
  route,
  path,
  routeLimits,
  pathLimits,
}: Pick<Rule, 'route' | 'path' | 'routeLimits' | 'pathLimits'>): readonly Check[] {
  const ofRoute = limitList(`routes.${route}`, keyTuple('route', route), routeLimits);
  const pathName = `routes.${route}.paths.${path}`;
  const ofPath = limitList(pathName, keyTuple('path', route, path), pathLimits);
  return [...ofRoute, ...ofPath].map((limit) => ({ ...limit, key: limit.ruleKey + ALL_TENANTS }));
}

/** What one `limits` block counts: the rates before the quota and the places. */
function limitList(group: string, rule: string, limits: Limits | undefined): readonly Limit[] {
  if (limits === undefined) return [];
  const { rates, concurrent, mode } = limits;
  const { shared } = limits;
  const list: Limit[] = rates.map((shape, index) => {
    const ruleKey = rule + keyTuple(String(shape.rate.windowMs));
    const own = {
      kind: 'rate',
      name: rateName(group, index),
      group,
      mode,
      ruleKey,
      shape,
    } as const;
    return shared === undefined ? own : { ...own, shared: sharedRate(shape, shared) };
  });
  if (limits.quota !== undefined) list.push(quotaLimit(limits.quota, { group, rule, limits }));
  if (concurrent === undefined) return list;
  const name = `${group}.concurrent`;
  const place = { kind: 'place', name, group, mode, ruleKey: rule, most: concurrent } as const;
  return [
    ...list,
    shared === undefined ? place : { ...place, shared: sharedPlace(concurrent, shared) },
  ];
}

interface OfBlock {
  readonly group: string;
  readonly rule: string;
  readonly limits: Limits;
}

/** The amount is not in the key: another one holds for the rest of the period. */
function quotaLimit(quota: Quota, { group, rule, limits }: OfBlock): Limit {
  const { mode, shared } = limits;
  const { per, zone } = quota.period;
  const ruleKey = rule + keyTuple('quota', per, zone);
  const own = { kind: 'quota', name: `${group}.quota`, group, mode, ruleKey, ...quota } as const;
  if (shared === undefined) return own;
  const { whenDown, replicas } = shared;
  const share = Math.max(1, Math.floor(quota.amount / replicas));
  return { ...own, shared: { whenDown, share } };
}

/** `tiers.free.rate`, and `tiers.free.rate[1]` for the second of a list. */
function rateName(group: string, index: number): string {
  return index === 0 ? `${group}.rate` : `${group}.rate[${index}]`;
}

/** A /48 is what one site gets: 65536 of the /64 that count as one client. It may have this many's rate. */
const CLIENTS_PER_SITE = 16;

/** `gateway.limits.perClientAddress.rate`. */
export function addressRate(rate: Rate): AddressRate {
  return {
    client: addressLimit(rate),
    site: addressLimit({ ...rate, amount: rate.amount * CLIENTS_PER_SITE }),
  };
}

function addressLimit(rate: Rate): RateLimit {
  const group = 'gateway.limits.perClientAddress';
  return {
    kind: 'rate',
    name: `${group}.rate`,
    group,
    mode: 'enforce',
    ruleKey: keyTuple('address', String(rate.windowMs)),
    shape: bucketShape(rate, undefined),
  };
}
