import { isPassthrough } from '../checks/check-passthrough.ts';
import { WHOLE_HOST } from './path-pattern.ts';
import type { MapEntry, MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, isNull, itemsOf, textOf } from '../source/source.ts';

/**
 * What holds for a path of a route: the path's own value, else the route's, else the default. `null`
 * resets to the default, so that the value of the route does not come back. The one place that says so:
 * the checks ask it for nodes, the compiler for values.
 */
export function inherited<T, D extends T | undefined>(
  path: T | null | undefined,
  route: T | null | undefined,
  fallback: D,
): T | D {
  if (path === null) return fallback;
  return path ?? route ?? fallback;
}

/** One path of a route, or the route where no path says `/**`, and the `auth` that holds there. */
export interface EffectiveRule {
  readonly route: string;
  readonly auth: SourceNode | undefined;
  /** The path's own part; undefined: the route itself. */
  readonly own: { readonly pattern: string; readonly entry: MapEntry } | undefined;
}

/** The rules of every route that reads HTTP, as the compiler will make them. */
export function effectiveRules(root: MapNode): readonly EffectiveRule[] {
  const routes = entriesOf(childOf(root, 'routes')).filter(([, { node }]) => !isPassthrough(node));
  return routes.flatMap(([name, { node }]) => rulesOfRoute(name, node, defaultAuth(root)));
}

export function effectiveRulesOf(root: MapNode, route: string): readonly EffectiveRule[] {
  const node = childOf(childOf(root, 'routes'), route);
  return node === undefined ? [] : rulesOfRoute(route, node, defaultAuth(root));
}

function rulesOfRoute(
  route: string,
  node: SourceNode,
  fallback: SourceNode | undefined,
): readonly EffectiveRule[] {
  const outer = orReset(childOf(node, 'auth'));
  const paths = entriesOf(childOf(node, 'paths'));
  const rules = paths.map(([pattern, entry]): EffectiveRule => {
    const auth = inherited(orReset(childOf(entry.node, 'auth')), outer, fallback);
    return { route, auth, own: { pattern, entry } };
  });
  const hasWhole = paths.some(([pattern]) => pattern === WHOLE_HOST);
  if (hasWhole) return rules;
  return [...rules, { route, auth: inherited(undefined, outer, fallback), own: undefined }];
}

function defaultAuth(root: MapNode): SourceNode | undefined {
  const auth = childOf(childOf(childOf(root, 'gateway'), 'defaults'), 'auth');
  return isNull(auth) ? undefined : auth;
}

/** A written `null` as the value that it is. */
function orReset(node: SourceNode | undefined): SourceNode | null | undefined {
  return isNull(node) ? null : node;
}

/** A provider that an `auth` names, and where. */
export interface ProviderName {
  readonly name: string;
  /** Below the `auth`. */
  readonly path: Path;
  readonly node: SourceNode;
}

/** The providers that an `auth` asks: one, a list, or `{ all: [...] }`. `public` alone is none. */
export function providersOf(auth: SourceNode | undefined): readonly ProviderName[] {
  if (auth?.kind === 'map') return namesIn(childOf(auth, 'all'), ['all']);
  if (auth?.kind === 'list') return namesIn(auth, []);
  return isPublic(auth) ? [] : nameOf(auth, []);
}

export function isPublic(auth: SourceNode | undefined): boolean {
  return textOf(auth) === 'public';
}

function namesIn(list: SourceNode | undefined, path: Path): readonly ProviderName[] {
  return itemsOf(list).flatMap((item, index) => nameOf(item, [...path, index]));
}

function nameOf(node: SourceNode | undefined, path: Path): readonly ProviderName[] {
  const name = textOf(node);
  return name === undefined || name === '' ? [] : [{ name, path, node: node! }];
}
