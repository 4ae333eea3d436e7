import type { MapEntry, MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, isNull } from '../source/source.ts';

/** A part of a policy that may say what holds for a request. */
export interface Level {
  readonly kind: LevelKind;
  readonly path: Path;
  /** Undefined: not written. */
  readonly node: SourceNode | undefined;
}

export type LevelKind = 'defaults' | 'route' | 'path';

/** Every level of the set as it is written, outer ones first, those of passthrough routes too. */
export function levelsOf(root: MapNode): readonly Level[] {
  const routes = entriesOf(childOf(root, 'routes'));
  return [
    defaultsLevel(root),
    ...routes.flatMap(([name, { node }]) => [
      routeLevel(name, node),
      ...entriesOf(childOf(node, 'paths')).map(([pattern, entry]) =>
        pathLevel(name, pattern, entry),
      ),
    ]),
  ];
}

export function defaultsLevel(root: MapNode): Level {
  const node = childOf(childOf(root, 'gateway'), 'defaults');
  return { kind: 'defaults', path: ['gateway', 'defaults'], node };
}

export function routeLevel(route: string, node: SourceNode): Level {
  return { kind: 'route', path: ['routes', route], node };
}

export function pathLevel(route: string, pattern: string, { node }: MapEntry): Level {
  return { kind: 'path', path: ['routes', route, 'paths', pattern], node };
}

/** A route whose TLS goes to the application untouched: no request has a rule there. */
export function isPassthrough(route: SourceNode): boolean {
  const node = childOf(route, 'passthrough');
  return node?.kind === 'scalar' && node.value === true;
}

/** Whether a key is written with a value: `null` stands for the default. */
export function saysSomething(node: SourceNode | undefined): boolean {
  return node !== undefined && !isNull(node);
}
