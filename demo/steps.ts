import picocolors from 'picocolors';

/** A step that takes longer says that it has begun. */
const SLOW_MS = 1_000;
const NAME_WIDTH = 14;

/** One line per step of the demo, when it is done: its name, what it is and where. */
export class Steps {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  async run<T>(name: string, work: () => Promise<T>, tell: (result: T) => string): Promise<T> {
    const slow = setTimeout(() => this.#line(picocolors.dim('…'), name, ''), SLOW_MS);
    try {
      const result = await work();
      this.#line(picocolors.green('✓'), name, tell(result));
      return result;
    } catch (error) {
      this.#line(picocolors.red('✗'), name, '');
      throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  #line(sign: string, name: string, text: string): void {
    this.#write(`  ${sign} ${name.padEnd(NAME_WIDTH)}${text}`.trimEnd());
  }
}
