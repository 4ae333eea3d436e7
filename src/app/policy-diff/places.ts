import { isRefusal } from '../../core/refusal.ts';
import { matchRoute } from '../../evaluate/route/match.ts';
import type {
  HostRules,
  PolicySnapshot,
  RouteTable,
  Rule,
} from '../../policy/snapshot/snapshot.ts';

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
    pathsOf(tables, host).map((path): Place => ({
      where: `${host}${path}`,
      old: ruleAt(before.routes, host, path),
      new: ruleAt(after.routes, host, path),
    })),
  );
  return [...new Map(places.map((place) => [place.where, place])).values()];
}

function hostsOf(tables: readonly RouteTable[]): readonly string[] {
  return [...new Set(tables.flatMap(rulesByHost).map(({ host }) => host))];
}

function rulesByHost({ exact, wildcards }: RouteTable): readonly HostRules[] {
  return [...exact.values(), ...wildcards];
}

/** The paths written for a host, and those of a wildcard that has it in the other policy. */
function pathsOf(tables: readonly RouteTable[], host: string): readonly string[] {
  const paths = tables.flatMap((table) => {
    const own = rulesByHost(table).find((each) => each.host === host);
    const rules = own?.rules ?? rulesThatCover(table, host);
    return rules.map(({ path }) => path);
  });
  return [...new Set(paths)];
}

function rulesThatCover(table: RouteTable, host: string): readonly Rule[] {
  const covering = ruleAt(table, host, '/**');
  const hosts = rulesByHost(table);
  return hosts.find(({ rules }) => covering !== undefined && rules.includes(covering))?.rules ?? [];
}

/** By the same function as live traffic, for a request that only this pattern was written for. */
function ruleAt(table: RouteTable, host: string, path: string): Rule | undefined {
  const match = matchRoute(table, { host: sampleHost(host), target: samplePath(path) });
  return isRefusal(match) ? undefined : match.rule;
}

function sampleHost(host: string): string {
  return host.replace(/^\*\*?/, ANY);
}

function samplePath(path: string): string {
  return path.replace(/\*\*?$/, ANY);
}
