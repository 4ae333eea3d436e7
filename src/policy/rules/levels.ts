import type { MapEntry, MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, isNull, itemsOf, textOf } from '../source/source.ts';

/** A part of a policy that may say what holds for a request. */
export interface Level {
  readonly kind: LevelKind;
  /** Of a profile: whether a route or a path uses it. Its limits are theirs. */
  readonly scope: Scope;
  readonly path: Path;
  /** Undefined: not written. */
  readonly node: SourceNode | undefined;
  /** Of a profile: where it is named. */
  readonly use?: ProfileUse | undefined;
}

export type LevelKind = 'defaults' | 'service' | 'profile' | 'route' | 'path';
export type Scope = Exclude<LevelKind, 'profile'>;

/** A profile that a `use` names, and where. */
export interface ProfileUse {
  readonly name: string;
  readonly path: Path;
  readonly node: SourceNode;
}

/** Every level of the set as it is written, once, outer ones first, those of passthrough routes too. */
export function levelsOf(root: MapNode): readonly Level[] {
  const profiles = entriesOf(childOf(root, 'profiles'));
  const routes = entriesOf(childOf(root, 'routes'));
  return [
    defaultsLevel(root),
    ...profiles.map(([name, { node }]) => profileLevel(name, node, 'route')),
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
  return { kind: 'defaults', scope: 'defaults', path: ['gateway', 'defaults'], node };
}

/** A service says what every request has that goes there: its `timeout`. */
export function serviceLevel(root: MapNode, service: string): Level {
  const node = childOf(childOf(root, 'services'), service);
  return { kind: 'service', scope: 'service', path: ['services', service], node };
}

export function routeLevel(route: string, node: SourceNode): Level {
  return { kind: 'route', scope: 'route', path: ['routes', route], node };
}

export function pathLevel(route: string, pattern: string, { node }: MapEntry): Level {
  return { kind: 'path', scope: 'path', path: ['routes', route, 'paths', pattern], node };
}

/** A route or a path with the profiles that it uses, in the order in which it names them, below it. */
export function withProfiles(own: Level, profiles: SourceNode | undefined): readonly Level[] {
  const used = usesOf(own).flatMap((use): readonly Level[] => {
    const node = childOf(profiles, use.name);
    return node === undefined ? [] : [{ ...profileLevel(use.name, node, own.scope), use }];
  });
  return [...used, own];
}

/** The profiles that a route or a path names; whether they exist is not judged here. */
export function usesOf({ path, node }: Level): readonly ProfileUse[] {
  return itemsOf(childOf(node, 'use')).flatMap((item, index) => {
    const name = textOf(item);
    return name === undefined || name === ''
      ? []
      : [{ name, path: [...path, 'use', index], node: item }];
  });
}

function profileLevel(name: string, node: SourceNode, scope: Scope): Level {
  return { kind: 'profile', scope, path: ['profiles', name], node };
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
