import type { Path, SourceNode } from '../source/source.ts';
import { textOf } from '../source/source.ts';
import type { Level, Scope } from './levels.ts';

interface Placed {
  readonly scope: Scope;
  readonly path: Path;
  readonly node: SourceNode;
}

/** What all levels say of the fields of one direction. */
export interface FieldsSaid<T extends Placed> {
  readonly set: readonly T[];
  readonly add: readonly T[];
  readonly remove: readonly T[];
}

/**
 * Of one field name the nearest level wins, whichever of the three it says: `remove` ends what outer levels set and
 * add, `set` ends what they add and remove. `add` stands beside what an outer level sets.
 */
export function nearestFields<T extends Placed>(
  { set, add, remove }: FieldsSaid<T>,
  levels: readonly Level[],
): FieldsSaid<T> {
  const depths = (all: readonly T[]) =>
    new Map(all.map((said) => [nameOf(said), depthOf(said, levels)]));
  const [setAt, removedAt] = [depths(set), depths(remove)];
  const isLast = (said: T, others: ReadonlyMap<string, number>): boolean =>
    depthOf(said, levels) >= (others.get(nameOf(said)) ?? -1);
  return {
    set: set.filter((said) => isLast(said, removedAt)),
    add: add.filter((said) => isLast(said, removedAt) && isLast(said, setAt)),
    remove: remove.filter((said) => isLast(said, setAt)),
  };
}

/** Of a list the name is the item, of a mapping its key. */
function nameOf({ path, node }: Placed): string {
  const step = path.at(-1)!;
  return (typeof step === 'number' ? (textOf(node) ?? '') : step).toLowerCase();
}

function depthOf({ scope, path }: Placed, levels: readonly Level[]): number {
  return levels.findLastIndex(
    (level) => level.scope === scope && level.path.every((key, at) => path[at] === key),
  );
}
