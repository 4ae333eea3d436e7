export interface RingBounds {
  readonly most: number;
  /** Octets of all texts together. */
  readonly mostBytes: number;
}

/**
 * Texts by id, the oldest first out, within a count and a number of octets. Texts and not objects: an object
 * would keep the policy alive that it was made from, and nobody could say how large it is.
 */
export class TextRing {
  readonly #bounds: RingBounds;
  readonly #texts = new Map<string, string>();
  #bytes = 0;

  constructor(bounds: RingBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#texts.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(id: string, text: string): void {
    this.#drop(id);
    this.#texts.set(id, text);
    this.#bytes += Buffer.byteLength(text);
    for (const oldest of this.#texts.keys()) {
      const fits = this.#texts.size <= this.#bounds.most && this.#bytes <= this.#bounds.mostBytes;
      if (fits) return;
      this.#drop(oldest);
    }
  }

  get(id: string): string | undefined {
    return this.#texts.get(id);
  }

  /** The newest first. */
  newest(most: number): readonly string[] {
    return [...this.#texts.values()].slice(-most).reverse();
  }

  #drop(id: string): void {
    const text = this.#texts.get(id);
    if (text === undefined) return;
    this.#texts.delete(id);
    this.#bytes -= Buffer.byteLength(text);
  }
}
