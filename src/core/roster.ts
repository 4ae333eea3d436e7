/** Where something stands in a roster. */
export interface Place {
  /** False: it was left before. */
  leave(): boolean;
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
  readonly #entries: Entry<Item>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  enter(item: Item): Place {
    const entry = new Entry(this.#entries, item);
    this.#entries.push(entry);
    return entry;
  }

  /** A copy: some may leave, and others enter, while it is gone through. */
  items(): Item[] {
    return this.#entries.map((entry) => entry.item!);
  }
}

class Entry<Item> implements Place {
  readonly #entries: Entry<Item>[];
  #index: number | undefined;
  /** Undefined once it left. */
  item: Item | undefined;

  constructor(entries: Entry<Item>[], item: Item) {
    this.#entries = entries;
    this.#index = entries.length;
    this.item = item;
  }

  leave(): boolean {
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
