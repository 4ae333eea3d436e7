import { isRefusal } from '../../core/refusal.ts';
import { matchRoute, rulesOfHost } from '../../evaluate/route/match.ts';
import type { RoutedRequest } from '../../evaluate/route/match.ts';
import type {
  HostRules,
  PolicySnapshot,
  RouteTable,
  Rule,
} from '../../policy/snapshot/snapshot.ts';
import { samplesOf } from './samples.ts';
import type { Sample } from './samples.ts';

/** A host and path that either policy names, and the rule that each of them has for a request there. */
export interface Place {
  /** As written: `*.example.com/a/**`. */
  readonly where: string;
  readonly old: Rule | undefined;
  readonly new: Rule | undefined;
}

/** A label and a segment that no policy writes, to stand for any other. */
const ANY = 'fairlead-any-other';

/** Every place that one of the policies names, in the order of the new one, then of the old one. */
export function placesOf(before: PolicySnapshot, after: PolicySnapshot): readonly Place[] {
  const tables = [after.routes, before.routes];
  const places = hostsOf(tables).flatMap((host) =>
    pathsOf(tables, host).flatMap(([path, rules]) =>
      placesAt(before, after, { host, path, rules }),
    ),
  );
  return [...new Map(places.map((place) => [place.where, place])).values()];
}

interface HostAndPath {
  readonly host: string;
  readonly path: string;
  /** Of both policies. */
  readonly rules: readonly Rule[];
}

/** One place; several where the rules of the path are told apart by methods or fields. */
function placesAt(
  before: PolicySnapshot,
  after: PolicySnapshot,
  { host, path, rules }: HostAndPath,
): readonly Place[] {
  const places = samplesOf(rules).map((sample) => {
    const request = { ...sample, host: sampleHost(host), target: samplePath(path) };
    return { sample, old: ruleAt(before.routes, request), new: ruleAt(after.routes, request) };
  });
  // Of one path a route has one rule. Requests that get the same of both policies are one place.
  const groups = [...Map.groupBy(places, (place) => `${place.old?.route} ${place.new?.route}`)];
  if (groups.length === 1) return [{ where: `${host}${path}`, ...rulesIn(places[0]!) }];
  return groups.map(([, group]) => ({
    where: `${wordsFor(group.map(({ sample }) => sample))} of ${host}${path}`,
    ...rulesIn(group[0]!),
  }));
}

function rulesIn({ old, new: now }: Pick<Place, 'old' | 'new'>): Pick<Place, 'old' | 'new'> {
  return { old, new: now };
}

function wordsFor(samples: readonly Sample[]): string {
  return samples.map(({ words }) => words).join(', ');
}

/** Each host that one of the tables names. */
export function hostsOf(tables: readonly RouteTable[]): readonly string[] {
  return [...new Set(tables.flatMap(rulesByHost).map(({ host }) => host))];
}

function rulesByHost({ exact, wildcards }: RouteTable): readonly HostRules[] {
  return [...exact.values(), ...wildcards];
}

/** The paths written for a host, and those of a wildcard that has it in the other policy. */
function pathsOf(
  tables: readonly RouteTable[],
  host: string,
): readonly (readonly [path: string, rules: readonly Rule[]])[] {
  const rules = tables.flatMap((table) => {
    // A set may have ten thousand hosts: no walk over all of them for each.
    const own = table.exact.get(host) ?? table.wildcards.find((each) => each.host === host);
    return own?.rules ?? rulesThatCover(table, host);
  });
  return [...Map.groupBy(rules, ({ path }) => path)];
}

/** Of the wildcard that has the host. */
function rulesThatCover(table: RouteTable, host: string): readonly Rule[] {
  return rulesOfHost(table, sampleHost(host))?.rules ?? [];
}

/** By the same function as live traffic, for a request that only this pattern was written for. */
function ruleAt(table: RouteTable, request: RoutedRequest): Rule | undefined {
  const match = matchRoute(table, request);
  return isRefusal(match) ? undefined : match.rule;
}

/** A name that only this host stands for. */
export function sampleHost(host: string): string {
  return host.replace(/^\*\*?/, ANY);
}

function samplePath(path: string): string {
  return path.replace(/\*\*?$/, ANY);
}
