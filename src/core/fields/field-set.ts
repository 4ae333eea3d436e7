/**
 * A fixed set of field names, made once at load. Most names that are asked for are not in it, and their length
 * and first letter tell so: no hash of a fresh string, and no copy in lower case.
 */
export class FieldSet {
  readonly #names: ReadonlySet<string>;
  readonly #prefixes: readonly string[];
  /** Bit n: some name has the length n, or n + 32. */
  readonly #lengths: number;
  /** Bit n: some name or prefix begins with the nth letter, in either case. */
  readonly #letters: number;

  /** Lower-case names; `x-forwarded-*` stands for all names that begin so. */
  constructor(patterns: readonly string[]) {
    const names = patterns.filter((pattern) => !pattern.endsWith('*'));
    this.#names = new Set(names);
    this.#prefixes = patterns.filter((each) => each.endsWith('*')).map((each) => each.slice(0, -1));
    this.#lengths = names.reduce((bits, name) => bits | (1 << name.length), 0);
    this.#letters = patterns.reduce((bits, each) => bits | (1 << each.charCodeAt(0)), 0);
  }

  has(lowerName: string): boolean {
    return this.#mayHave(lowerName) && this.#includes(lowerName);
  }

  /** The same for a name as it was received. */
  hasInAnyCase(name: string): boolean {
    return this.#mayHave(name) && this.#includes(name.toLowerCase());
  }

  // `<<` and `>>>` take the last five bits of a count, which are the same for a letter in either case.
  #mayHave(name: string): boolean {
    if (((this.#letters >>> name.charCodeAt(0)) & 1) === 0) return false;
    return this.#prefixes.length > 0 || ((this.#lengths >>> name.length) & 1) === 1;
  }

  #includes(lowerName: string): boolean {
    if (this.#names.has(lowerName)) return true;
    for (const prefix of this.#prefixes) if (lowerName.startsWith(prefix)) return true;
    return false;
  }
}
