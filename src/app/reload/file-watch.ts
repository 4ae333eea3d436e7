import { stat } from 'node:fs/promises';
import type { Clock, Timer } from '../../core/clock.ts';

export interface FileWatchOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Files and folders to look at, asked for at each look. */
  readonly files: () => readonly string[];
  /** Called when something changed and then stayed the same from one look to the next. */
  readonly onChange: () => void;
}

/**
 * Looks at files again and again. Polling sees what events do not tell: Kubernetes swaps the symbolic link
 * `..data` above the files, and an operator may swap one further up, or use a network file system.
 * A dozen stats a second cost nothing, and the timer does not keep the process alive.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  /** What `onChange` was last told of, by path. */
  readonly #known = new Map<string, string>();
  #lastLook = '';
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Takes what is there for known, but for what changed after `readMs`, when its user began to read. */
  async start(readMs = this.#options.clock.now()): Promise<void> {
    for (const [path, facts] of await this.#facts()) {
      this.#known.set(path, changedAfter(facts, readMs) ? '' : facts);
    }
    this.#next();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #next(): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.after(this.#options.everyMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const facts = await this.#facts();
    if (this.#isStopped) return;
    const look = JSON.stringify(facts);
    // Files may be copied one after the other: what still moves is not read.
    const isStill = look === this.#lastLook;
    this.#lastLook = look;
    if (isStill && this.#learn(facts)) this.#options.onChange();
    this.#next();
  }

  /** True when a known path changed; a path that is new to the list was just read by its user. */
  #learn(facts: readonly (readonly [string, string])[]): boolean {
    let isChanged = false;
    for (const [path, now] of facts) {
      const before = this.#known.get(path);
      isChanged ||= before !== undefined && before !== now;
      this.#known.set(path, now);
    }
    return isChanged;
  }

  #facts(): Promise<(readonly [string, string])[]> {
    return Promise.all(
      this.#options.files().map(async (path) => [path, await factsOf(path)] as const),
    );
  }
}

/** The last fact is the time of the last change of the file or its attributes. */
function changedAfter(facts: string, timeMs: number): boolean {
  return Number(facts.split(' ').at(-1)) > timeMs;
}

/** Follows links, so a swapped link gives another inode. */
async function factsOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
