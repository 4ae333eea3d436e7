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
import { noRoute } from './no-route.ts';
import { rewritePath } from './rewrite.ts';
import { ruleFor } from './narrowing.ts';
import type { NarrowedRequest } from './narrowing.ts';
import { invalidPath, normalisePath } from './normalise-path.ts';
import type { UnusualPath } from './normalise-path.ts';
import { isOwnPath, ownPath } from '../../core/own-path.ts';
import type { OwnPath } from '../../core/own-path.ts';
import { matchesPattern } from './path-pattern.ts';

/** Where a request goes and as what. The path matched is the path forwarded, unless its rule rewrites it. */
export interface RouteMatch {
  readonly rule: Rule;
  /** Normalised, without the query: for logs and keys. */
  readonly path: string;
  readonly query: string | undefined;
  /** `path`, and `?query` where there was one: the target the application gets. */
  readonly forwardTarget: string;
  /** A browser asks beforehand, and the CORS of the rule answers. */
  readonly isPreflight: boolean;
}

/** The part of an `InboundRequest` that decides the route. */
export interface RoutedRequest extends NarrowedRequest {
  readonly host: string;
  readonly target: string;
  readonly upgrade?: 'websocket' | undefined;
}

/**
 * Finds the rule of a request: exact host, then the longest wildcard; within it the first path in
 * precedence order, and of its rules the one that wants most of what the request has. The path alone decides
 * first: what none of its rules takes never falls to a shorter one. Refuses with `invalid_path`,
 * `method_not_allowed`, or with the same `no_route` for unknown host and unknown path. Linear in the
 * number of the host's rules and the path's length.
 */
export function matchRoute(table: RouteTable, request: RoutedRequest): RouteMatch | Refusal {
  if (request.target === '*') return noRoute('OPTIONS * names no path');
  const normal = normalisePath(request.target);
  if (isRefusal(normal)) return normal;
  const host = rulesOfHost(table, request.host);
  const unusual = normal.unusual && unusualRefusal(normal.unusual, normal.decoded, request, host);
  if (unusual !== undefined) return unusual;
  if (isOwnPath(normal.decoded)) return noRoute(`${normal.path} is the gateway's own`);
  if (host === undefined) return noRoute(`no route has host ${request.host}`);
  const at = ruleIndex(host, normal.decoded);
  if (at === -1) return noRoute(`no path of host ${host.host} matches ${normal.path}`);
  const chosen = ruleFor(host.rules, at, request);
  if (isRefusal(chosen)) return chosen;
  const { rule, isPreflight } = chosen;
  if (request.upgrade !== undefined && !rule.websocket) return refuse('websocket_not_allowed');
  const { path, query } = normal;
  const { rewrite } = rule;
  const forwarded = rewrite === undefined ? path : rewritePath(rewrite, path);
  if (isRefusal(forwarded)) return forwarded;
  const forwardTarget = query === undefined ? forwarded : `${forwarded}?${query}`;
  return { rule, path, query, forwardTarget, isPreflight };
}

/** The first of the rules that have the path, or -1. */
function ruleIndex(host: HostRules, decoded: string): number {
  return host.rules.findIndex(({ pattern }) => matchesPattern(pattern, decoded));
}

/**
 * A path that applications read differently is taken where its route allows its forms, and where every
 * reading leads to the same path of the policy: an application must not see a path that another rule was for
 * (R-11).
 */
function unusualRefusal(
  { forms, readings }: UnusualPath,
  decoded: string,
  request: RoutedRequest,
  host: HostRules | undefined,
): Refusal | undefined {
  const at = host === undefined ? -1 : ruleIndex(host, decoded);
  const chosen = at === -1 ? undefined : ruleFor(host!.rules, at, request);
  const rule = isRefusal(chosen) ? host!.rules[at] : chosen?.rule;
  const form = forms.find((each) => rule?.pathForms.has(each) !== true);
  if (form !== undefined) return invalidPath(`it has ${FORM_NAMES[form]}`);
  if (readings.some(isOwnPath)) return noRoute('some reading of the path is the gateway’s own');
  const isAgreed = host === undefined || readings.every((each) => ruleIndex(host, each) === at);
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
  { host, target }: Pick<RoutedRequest, 'host' | 'target'>,
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

/** The rules of a host: its own, else those of the longest wildcard. */
export function rulesOfHost(table: RouteTable, host: string): HostRules | undefined {
  return table.exact.get(host) ?? table.wildcards.find((wildcard) => coversHost(wildcard, host));
}
