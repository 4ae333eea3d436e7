import { coversHost } from '../../core/host-cover.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type {
  HostRules,
  PathForm,
  PassthroughRoute,
  RouteTable,
  Rule,
} from '../../policy/snapshot/snapshot.ts';
import { invalidPath, normalisePath } from './normalise-path.ts';
import type { UnusualPath } from './normalise-path.ts';
import { isOwnPath, ownPath } from '../../core/own-path.ts';
import type { OwnPath } from '../../core/own-path.ts';
import { matchesPattern } from './path-pattern.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** Where a request goes and as what. The path matched is the path forwarded. */
export interface RouteMatch {
  readonly rule: Rule;
  /** Normalised, without the query: for logs and keys. */
  readonly path: string;
  readonly query: string | undefined;
  /** `path`, and `?query` where there was one: the target the application gets. */
  readonly forwardTarget: string;
}

/** The part of an `InboundRequest` that decides the route. */
export interface RoutedRequest {
  readonly host: string;
  readonly target: string;
  readonly upgrade?: 'websocket' | undefined;
}

/**
 * Finds the rule of a request: exact host, then the longest wildcard; within it the first rule in
 * precedence order. Refuses with `invalid_path`, or with the same `no_route` for unknown host and
 * unknown path. Linear in the number of the host's rules and the path's length.
 */
export function matchRoute(table: RouteTable, request: RoutedRequest): RouteMatch | Refusal {
  if (request.target === '*') return noRoute('OPTIONS * names no path');
  const normal = normalisePath(request.target);
  if (isRefusal(normal)) return normal;
  const host = rulesOfHost(table, request.host);
  const unusual = normal.unusual && unusualRefusal(normal.unusual, normal.decoded, host);
  if (unusual !== undefined) return unusual;
  if (isOwnPath(normal.decoded)) return noRoute(`${normal.path} is the gateway's own`);
  if (host === undefined) return noRoute(`no route has host ${request.host}`);
  const rule = ruleOf(host, normal.decoded);
  if (rule === undefined) return noRoute(`no path of host ${host.host} matches ${normal.path}`);
  if (request.upgrade !== undefined && !rule.websocket) return refuse('websocket_not_allowed');
  const { path, query } = normal;
  return { rule, path, query, forwardTarget: query === undefined ? path : `${path}?${query}` };
}

function ruleOf(host: HostRules, decoded: string): Rule | undefined {
  return host.rules.find(({ pattern }) => matchesPattern(pattern, decoded));
}

/**
 * A path that applications read differently is taken where its route allows its forms, and where every
 * reading leads to the same rule: an application must not see a path that another rule was for.
 */
function unusualRefusal(
  { forms, readings }: UnusualPath,
  decoded: string,
  host: HostRules | undefined,
): Refusal | undefined {
  const rule = host && ruleOf(host, decoded);
  const form = forms.find((each) => rule?.pathForms.has(each) !== true);
  if (form !== undefined) return invalidPath(`it has ${FORM_NAMES[form]}`);
  if (readings.some(isOwnPath)) return noRoute('some reading of the path is the gateway’s own');
  const isAgreed = host === undefined || readings.every((each) => ruleOf(host, each) === rule);
  return isAgreed ? undefined : invalidPath('its readings lead to different paths of the policy');
}

const FORM_NAMES: Readonly<Record<PathForm, string>> = {
  encodedSlash: 'an encoded slash',
  parameters: 'a ";"',
  emptySegments: 'an empty segment',
};

/** A request for a page of ours, on a host that some route has; undefined for every other request. */
export interface OwnMatch {
  readonly own: OwnPath;
  /** Of the host as a whole: a page of ours belongs to no path of the policy. */
  readonly rule: Rule;
  readonly path: string;
}

/** Asked before `matchRoute`, which leads nothing below `/.fairlead` anywhere. */
export function matchOwn(
  table: RouteTable,
  { host, target }: RoutedRequest,
): OwnMatch | Refusal | undefined {
  // Another spelling of the dot is none of ours, and `matchRoute` leads it nowhere.
  if (!target.startsWith('/.')) return undefined;
  const normal = normalisePath(target);
  if (isRefusal(normal)) return normal;
  const own = normal.unusual === undefined ? ownPath(normal.path) : undefined;
  if (own === undefined) return undefined;
  const rule = rulesOfHost(table, host)?.rules.at(-1);
  return rule === undefined
    ? noRoute(`no route has host ${host}`)
    : { own, rule, path: normal.path };
}

/** Every provider that some path of this host asks: whose endpoints are mounted there. */
export function providersOfHost(table: RouteTable, host: string): ReadonlySet<string> {
  const rules = rulesOfHost(table, host)?.rules ?? [];
  return new Set(rules.flatMap(({ auth }) => (auth.kind === 'public' ? [] : auth.providers)));
}

/**
 * True when some route serves HTTP on this host: the only hosts that the http listener redirects (J3).
 * What is behind a passthrough host is not known to speak HTTP.
 */
export function isKnownHost(table: RouteTable, host: string): boolean {
  const rules = rulesOfHost(table, host);
  return rules !== undefined && rules.passthrough === undefined;
}

/** The passthrough route of a server name, by the same order of hosts that requests are matched in. */
export function matchPassthrough(
  table: RouteTable,
  serverName: string,
): PassthroughRoute | undefined {
  return rulesOfHost(table, serverName)?.passthrough;
}

function rulesOfHost(table: RouteTable, host: string): HostRules | undefined {
  return table.exact.get(host) ?? table.wildcards.find((wildcard) => coversHost(wildcard, host));
}

function noRoute(detail: string): Refusal {
  return refuse('no_route', { reason: namedReason('route.none', detail) });
}
