import type { Path, SourceNode } from '../source/source.ts';
import { childOf, itemsOf, textOf } from '../source/source.ts';

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
