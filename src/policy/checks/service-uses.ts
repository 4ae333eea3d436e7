import { levelsOf } from '../rules/levels.ts';
import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, textOf } from '../source/source.ts';

/** A service that a route or path names. */
export interface ServiceUse {
  readonly name: string;
  readonly path: Path;
  readonly node: SourceNode;
}

/** In the order of the set. */
export function serviceUses(root: MapNode): readonly ServiceUse[] {
  return levelsOf(root).flatMap(({ path, node }) => {
    const service = childOf(node, 'service');
    const name = textOf(service);
    if (service === undefined || name === undefined || name === '') return [];
    return [{ name, path: [...path, 'service'], node: service }];
  });
}
