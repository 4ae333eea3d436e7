import type { Tenant } from '../../evaluate/tenant/resolve-tenant.ts';
import { amountText } from '../../evaluate/limit/limit.ts';
import type { Check, Rule, SourcePosition } from '../../policy/snapshot/snapshot.ts';
import { byteRateText } from '../../policy/schema/schema.ts';
import type { Path } from '../../policy/source/source.ts';
import type { ExplainedLimit, ExplainedTenant } from './explanation.ts';
import { placeText } from './places.ts';

export type PlaceOf = (path: Path) => SourcePosition | undefined;

/** What a request would be counted by, and where each was written. */
export function explainedLimit(
  check: Check,
  who: { readonly rule: Rule; readonly tenant: Tenant },
  placeOf: PlaceOf,
): ExplainedLimit {
  const { name, mode } = check;
  const at = limitPlace({ group: check.group, key: keyOf(check) }, who, placeOf);
  const placed = { mode, ...(at !== undefined && { at: placeText(at) }) };
  return { name, amount: amountText(check), startsWith: startOf(check), ...placed };
}

const KEYS = { rate: 'rate', quota: 'quota', place: 'concurrent' } as const;

function keyOf(check: Check): string {
  return (check.kind === 'place' ? check.counts : undefined) ?? KEYS[check.kind];
}

/** What slows the streams of a request: the nearest first. All hold, so the lowest is felt. */
export function explainedBandwidths(
  who: { readonly rule: Rule; readonly tenant: Tenant },
  placeOf: PlaceOf,
): readonly ExplainedLimit[] {
  const { rule, tenant } = who;
  if (rule.service === undefined) return [];
  const { route, path } = rule;
  const said: readonly [group: string, bandwidth: number | undefined][] = [
    [tenant.limitsName, tenant.limits?.bandwidth],
    [`routes.${route}`, rule.routeLimits?.bandwidth],
    [`routes.${route}.paths.${path}`, rule.pathLimits?.bandwidth],
  ];
  return said.flatMap(([group, bandwidth]) => {
    if (bandwidth === undefined) return [];
    const at = limitPlace({ group, key: 'bandwidth' }, who, placeOf);
    return {
      name: `${group}.bandwidth`,
      amount: `${byteRateText(bandwidth)} each way`,
      startsWith: bandwidth,
      mode: 'enforce',
      ...(at !== undefined && { at: placeText(at) }),
    };
  });
}

function startOf(check: Check): number {
  if (check.kind === 'rate') return check.shape.capacity;
  return check.kind === 'quota' ? check.amount : check.most;
}

/** The first of the places that may say it and does; nearer ones first. */
function limitPlace(
  { group, key }: { readonly group: string; readonly key: string },
  { rule, tenant }: { readonly rule: Rule; readonly tenant: Tenant },
  placeOf: PlaceOf,
): SourcePosition | undefined {
  const { route, path } = rule;
  const above = placesAbove(group, { route, path, tenant });
  for (const each of above) {
    const found = placeOf([...each, key]);
    if (found !== undefined) return found;
  }
  return ofProfile(group === `routes.${route}`, rule);
}

function placesAbove(
  group: string,
  { route, path, tenant }: Pick<Rule, 'route' | 'path'> & { readonly tenant: Tenant },
): readonly Path[] {
  if (group === `routes.${route}`) return [['routes', route, 'limits']];
  if (group === `routes.${route}.paths.${path}`) {
    return [['routes', route, 'paths', path, 'limits']];
  }
  const ofTier: Path[] = tenant.tier === undefined ? [] : [['tiers', tenant.tier]];
  return [['tenants', 'overrides', tenant.id, 'limits'], ...ofTier];
}

/** Limits of profiles are those of the route or the path that uses them: of a route first, of a path last. */
function ofProfile(isRoute: boolean, { origins }: Rule): SourcePosition | undefined {
  const said = origins.filter(({ field, level }) => field === 'limits' && level === 'profile');
  return (isRoute ? said[0] : said.at(-1))?.position;
}

/** Where it was written whose request it is, and what its tier is. */
export function tenantPlaces(
  { id, kind, tier }: Tenant,
  placeOf: PlaceOf,
): Pick<ExplainedTenant, 'at' | 'tierAt'> {
  // An address is the tenant where nobody is known, and overrides are for claims.
  const named =
    kind === 'address'
      ? []
      : [
          ['tenants', 'overrides', id],
          ['tenants', 'id'],
        ];
  const at = named.map(placeOf).find((place) => place !== undefined);
  const tierAt = tier === undefined ? undefined : placeOf(['tiers', tier]);
  return {
    ...(at !== undefined && { at: placeText(at) }),
    ...(tierAt !== undefined && { tierAt: placeText(tierAt) }),
  };
}
