import type { Path, SourceNode } from '../source/source.ts';
import { childOf, itemsOf, textOf } from '../source/source.ts';

/** A provider that an `auth` names, and where. */
export interface ProviderName {
  readonly name: string;
  /** Below the `auth`. */
  readonly path: Path;
  readonly node: SourceNode;
}

/** The providers that an `auth` asks: one, a list, `{ all: [...] }` or `{ optional: … }`. `public` alone is none. */
export function providersOf(auth: SourceNode | undefined): readonly ProviderName[] {
  if (auth?.kind === 'map') {
    return [
      ...namesIn(childOf(auth, 'all'), ['all']),
      ...oneOrMore(childOf(auth, 'optional'), ['optional']),
    ];
  }
  return isPublic(auth) ? [] : oneOrMore(auth, []);
}

/** `{ optional: … }`: a request passes without an identity as well. */
export function isOptional(auth: SourceNode | undefined): boolean {
  return auth?.kind === 'map' && childOf(auth, 'optional') !== undefined;
}

export function isPublic(auth: SourceNode | undefined): boolean {
  return textOf(auth) === 'public';
}

function oneOrMore(node: SourceNode | undefined, path: Path): readonly ProviderName[] {
  return node?.kind === 'list' ? namesIn(node, path) : nameOf(node, path);
}

function namesIn(list: SourceNode | undefined, path: Path): readonly ProviderName[] {
  return itemsOf(list).flatMap((item, index) => nameOf(item, [...path, index]));
}

function nameOf(node: SourceNode | undefined, path: Path): readonly ProviderName[] {
  const name = textOf(node);
  return name === undefined || name === '' ? [] : [{ name, path, node: node! }];
}
