import type { Findings } from '../issues/issue.ts';
import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, keySpanAt, textOf, tokenSpanAt } from '../source/source.ts';
import { isPassthrough, saysSomething } from '../rules/levels.ts';
import type { WrittenSet } from './written-set.ts';

/** All that a route can say without reading HTTP. */
const ROUTE_KEYS: ReadonlySet<string> = new Set([
  'host',
  'service',
  'passthrough',
  'from',
  'limits',
]);
/** Of these a route that is read counts no connections. */
const LIMIT_KEYS: ReadonlySet<string> = new Set(['connections', 'bandwidth']);

/** What a service has for octets that the gateway itself sends. */
const LANE_TLS_KEYS = ['tls', 'alpn'];

interface RouteAt {
  readonly node: SourceNode;
  readonly path: Path;
}

/**
 * On a passthrough route the gateway sees no request: a rule that would need one is an error and is
 * never left unheeded. Elsewhere a connection belongs to no route, so counting them is an error (E306).
 */
export function checkPassthrough({ root }: WrittenSet, findings: Findings): void {
  checkPassthroughServices(root, findings);
  for (const [name, { node }] of entriesOf(childOf(root, 'routes'))) {
    checkRoute({ node, path: ['routes', name] }, root, findings);
  }
}

function checkRoute(route: RouteAt, root: MapNode, findings: Findings): void {
  const limits = childOf(route.node, 'limits');
  const limitsPath = [...route.path, 'limits'];
  if (isPassthrough(route.node)) {
    const why = 'does not go with "passthrough: true": the gateway reads no HTTP there';
    report(keysBeside(ROUTE_KEYS, route.node), { path: route.path, why, findings });
    report(keysBeside(LIMIT_KEYS, limits), { path: limitsPath, why, findings });
    checkService(route, root, findings);
    return;
  }
  const why = 'counts connections of a route with "passthrough: true" only';
  const counting = entriesOf(limits).filter(([key]) => key === 'connections');
  report(counting, { path: limitsPath, why, findings });
}

/** TLS inside TLS would break it, and an operator's `tls` must not be skipped silently. */
function checkService({ node, path }: RouteAt, root: MapNode, findings: Findings): void {
  const name = textOf(childOf(node, 'service')) ?? '';
  const service = childOf(childOf(root, 'services'), name);
  if (textOf(childOf(service, 'via')) === 'tcp') return;
  const key = entriesOf(service).find(([own]) => LANE_TLS_KEYS.includes(own))?.[0];
  if (key === undefined) return;
  const message = `services.${name} has "${key}", but a passthrough route carries the client's own TLS`;
  const hint = 'give the route a service of its own, with the same address';
  const place = [...path, 'service'];
  findings.add({ code: 'E306', message, hint, path: place, at: tokenSpanAt(root, place) });
}

/** What a service says of HTTP; `tls` and `alpn` are reported at the route (see above). */
const HTTP_KEYS: readonly Path[] = [
  ['protocol'],
  ['balance'],
  ['hostHeader'],
  ['responseHead'],
  ['outlier'],
  ['health'],
  ['retry'],
  ['maxConnections'],
  ['addresses', 'sticky'],
  ['timeout', 'response'],
  ['timeout', 'stream'],
  ['timeout', 'total'],
];

/** Keys of a service that only passthrough routes name, and that speak of requests (E306). */
function checkPassthroughServices(root: MapNode, findings: Findings): void {
  const routes = entriesOf(childOf(root, 'routes')).map(([, { node }]) => node);
  for (const [name] of entriesOf(childOf(root, 'services'))) {
    const using = routes.filter((route) => servicesOf(route).includes(name));
    if (using.length === 0 || !using.every(isPassthrough)) continue;
    for (const key of HTTP_KEYS) {
      const path = ['services', name, ...key];
      const at = keySpanAt(root, path);
      if (at === undefined) continue;
      const message = `"${key.join('.')}" has no effect: only routes with "passthrough: true" name this service, and they do not read HTTP`;
      findings.add({ code: 'E306', message, path, at });
    }
  }
}

function servicesOf(route: SourceNode): readonly (string | undefined)[] {
  const paths = entriesOf(childOf(route, 'paths')).map(([, { node }]) => node);
  return [route, ...paths].map((level) => textOf(childOf(level, 'service')));
}

type Entries = ReturnType<typeof entriesOf>;

/** A `null` asks for the default, and passthrough has none to go back to. */
function keysBeside(allowed: ReadonlySet<string>, node: SourceNode | undefined): Entries {
  return entriesOf(node).filter(([key, entry]) => !allowed.has(key) && saysSomething(entry.node));
}

function report(
  entries: Entries,
  place: { readonly path: Path; readonly why: string; readonly findings: Findings },
): void {
  for (const [key, { key: at }] of entries) {
    const path = [...place.path, key];
    place.findings.add({ code: 'E306', message: `"${key}" ${place.why}`, path, at });
  }
}
