import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf } from '../source/source.ts';

/** Wherever limits are written: tiers, overrides, profiles, routes and paths. */
export function writtenLimits(root: MapNode): [Path, SourceNode][] {
  const found: [Path, SourceNode][] = [];
  const add = (path: Path, node: SourceNode | undefined): void => {
    if (node !== undefined) found.push([path, node]);
  };
  for (const [tier, { node }] of entriesOf(childOf(root, 'tiers'))) add(['tiers', tier], node);
  const overrides = childOf(childOf(root, 'tenants'), 'overrides');
  for (const [tenant, { node }] of entriesOf(overrides)) {
    add(['tenants', 'overrides', tenant, 'limits'], childOf(node, 'limits'));
  }
  for (const block of ['profiles', 'routes']) {
    for (const [name, { node }] of entriesOf(childOf(root, block))) {
      add([block, name, 'limits'], childOf(node, 'limits'));
      for (const [pattern, path] of entriesOf(childOf(node, 'paths'))) {
        add([block, name, 'paths', pattern, 'limits'], childOf(path.node, 'limits'));
      }
    }
  }
  return found;
}
