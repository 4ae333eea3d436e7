/** The choices of one fuzzed set; a seed and a number make the same ones again. */
export class Pick {
  #state: number;

  constructor(seed: number, set: number) {
    // Neighbouring numbers must not begin alike.
    this.#state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(set + 1, 0x85ebca6b);
  }

  number(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.number(1, times) === times;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.number(0, choices.length - 1)]!;
  }

  /** Some of them, each once, in their order. */
  some<T>(choices: readonly T[], least: number): T[] {
    const kept = choices.filter(() => this.once(2));
    return kept.length >= least ? kept : choices.slice(0, least);
  }

  /** Mulberry32: small, and good enough to be surprised by. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
