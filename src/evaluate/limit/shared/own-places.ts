/** Places that this process holds in a shared store, by key: what it renews, and what it counts while the store is away. */
export class OwnPlaces {
  readonly #held = new Map<string, Set<number>>();

  /** Keys of which at least one place is held. */
  get keyCount(): number {
    return this.#held.size;
  }

  countOf(key: string): number {
    return this.#held.get(key)?.size ?? 0;
  }

  add(key: string, place: number): void {
    const held = this.#held.get(key);
    if (held === undefined) this.#held.set(key, new Set([place]));
    else held.add(place);
  }

  /** False: it was not held. */
  remove(key: string, place: number): boolean {
    const held = this.#held.get(key);
    if (held?.delete(place) !== true) return false;
    if (held.size === 0) this.#held.delete(key);
    return true;
  }

  keys(): readonly string[] {
    return [...this.#held.keys()];
  }

  placesOf(key: string): readonly number[] {
    return [...(this.#held.get(key) ?? [])];
  }
}
