/** An item that is in a roster, to take it out again. */
export interface RosterEntry {
  /** False: it was removed before. */
  remove(): boolean;
}

/**
 * What is there now, of things that come and go with requests and connections, in no order.
 *
 * A Set would do, were it not for how V8 collects: when a table of a Set or Map is outgrown, by deletions
 * too, the old one stays linked to the new. Once one of them has survived into the old generation, all that
 * follow do, with everything that was ever in them, until the next full collection: with many clients, every
 * exchange and its buffers (docs/decisions/0006-rosters.md).
 */
export class Roster<Item> {
  readonly #entries: Slot<Item>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  add(item: Item): RosterEntry {
    const entry = new Slot(this.#entries, item);
    this.#entries.push(entry);
    return entry;
  }

  /** A copy: items may be added and removed while the caller goes through it. */
  items(): Item[] {
    return this.#entries.map((entry) => entry.item!);
  }
}

class Slot<Item> implements RosterEntry {
  readonly #entries: Slot<Item>[];
  #index: number | undefined;
  /** Undefined once it was removed. */
  item: Item | undefined;

  constructor(entries: Slot<Item>[], item: Item) {
    this.#entries = entries;
    this.#index = entries.length;
    this.item = item;
  }

  remove(): boolean {
    const index = this.#index;
    if (index === undefined) return false;
    const last = this.#entries.pop()!;
    if (last !== this) {
      this.#entries[index] = last;
      last.#index = index;
    }
    this.#index = undefined;
    this.item = undefined;
    return true;
  }
}
