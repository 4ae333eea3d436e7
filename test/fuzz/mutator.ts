/** Inputs for a decoder: recorded frames with faults, several of them together, or noise. Repeatable. */
export class Mutator {
  readonly #corpus: readonly Buffer[];
  #state: number;

  constructor(seed: number, corpus: readonly Buffer[]) {
    this.#state = seed | 1;
    this.#corpus = corpus;
  }

  next(): Buffer {
    if (this.below(10) === 0) return this.#noise(1 + this.below(200));
    const frames = Array.from({ length: 1 + this.below(4) }, () => this.#recorded());
    let input: Buffer = Buffer.concat(frames);
    for (let faults = this.below(6); faults > 0; faults -= 1) input = this.#spoiled(input);
    return input;
  }

  /** The input cut at random places, as a socket would give it. */
  pieces(input: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    for (let start = 0; start < input.length;) {
      const end = start + 1 + this.below(Math.max(1, input.length / 2));
      pieces.push(input.subarray(start, end));
      start = end;
    }
    return pieces;
  }

  /** A whole number from 0 up to the limit, by xorshift. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % Math.max(1, Math.floor(limit));
  }

  #recorded(): Buffer {
    return this.#corpus[this.below(this.#corpus.length)]!;
  }

  #noise(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  #spoiled(input: Buffer): Buffer {
    const at = this.below(input.length);
    const copy = Buffer.from(input);
    switch (this.below(7)) {
      case 0:
        copy[at] = copy[at]! ^ (1 << this.below(8));
        return copy;
      case 1:
        copy[at] = this.#pick([0x00, 0x40, 0x45, 0x7f, 0x80, 0xc0, 0xd0, 0xf0, 0xff]);
        return copy;
      case 2:
        return copy.subarray(0, at);
      case 3:
        return Buffer.concat([
          copy.subarray(0, at),
          this.#noise(1 + this.below(16)),
          copy.subarray(at),
        ]);
      case 4:
        return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + this.below(16))]);
      case 5:
        // A length of a frame or a compound: the most rewarding octets to get wrong.
        if (at + 4 <= copy.length)
          copy.writeUInt32BE(this.#pick([0, 1, 7, 8, 0xffff, 0xffffffff]), at);
        return copy;
      default:
        return Buffer.concat([copy.subarray(0, at), this.#recorded(), copy.subarray(at)]);
    }
  }

  #pick(values: readonly number[]): number {
    return values[this.below(values.length)]!;
  }
}
