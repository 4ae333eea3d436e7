import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer } from './answer-requests.ts';

export interface ChildOptions {
  readonly name: string;
  /** A file below `root`. */
  readonly script: string;
  /** A checkout, with a slash at its end; default: this one. */
  readonly root?: string;
  readonly args?: readonly string[];
  /** A module to load first. */
  readonly preload?: string;
  /** Gets standard error line by line; default: it goes to ours. */
  readonly onLine?: (line: string) => void;
}

/** From SIGTERM to SIGKILL. */
const STOP_MS = 8_000;
/** For a question whose answer takes no time of its own. */
const ANSWER_MS = 30_000;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A process of the bench that answers questions; it ends with the scope, and dies with the bench. */
export class Child implements AsyncDisposable {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #ended = Promise.withResolvers<never>();
  #nextId = 1;

  constructor(options: ChildOptions) {
    this.#name = options.name;
    this.#process = start(options);
    this.#process.on('message', (answer: Answer) => this.#settle(answer));
    this.#process.on('exit', (code, signal) => this.#failAll(`ended (${code ?? signal})`));
    this.#process.on('error', (error) => this.#failAll(error.message));
    process.once('exit', this.#kill);
    // Nobody may be waiting when it ends.
    this.#ended.promise.catch(() => {});
    if (options.onLine !== undefined) forEachLine(this.#process, options.onLine);
  }

  /** `runMs`: what the answer takes by itself. Rejects with a sentence when the process has none. */
  ask<Value>(question: string, input: unknown = {}, runMs = 0): Promise<Value> {
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    const limit = setTimeout(
      () => this.#settle({ id, error: `no answer to "${question}" in time` }),
      runMs + ANSWER_MS,
    );
    this.#process.send({ id, ask: question, input }, (error) => {
      if (error !== null) this.#settle({ id, error: error.message });
    });
    return waiting.promise.finally(() => clearTimeout(limit)) as Promise<Value>;
  }

  /** The promise's outcome, or a rejection as soon as the process ends. */
  unlessEnded<Value>(promise: Promise<Value>): Promise<Value> {
    return Promise.race([promise, this.#ended.promise]);
  }

  /** Microseconds of processor time so far, of all threads. */
  cpuMicros(): Promise<number> {
    return this.ask<number>('cpu');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#kill);
    if (!this.#isRunning) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const late = setTimeout(this.#kill, STOP_MS);
    await exited;
    clearTimeout(late);
  }

  get #isRunning(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  readonly #kill = (): void => {
    this.#process.kill('SIGKILL');
  };

  #failAll(reason: string): void {
    this.#ended.reject(new Error(`${this.#name}: ${reason}`));
    for (const id of this.#waiting.keys()) this.#settle({ id, error: reason });
  }

  #settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(`${this.#name}: ${error}`));
  }
}

function start({ script, root = ROOT, args = [], preload, onLine }: ChildOptions): ChildProcess {
  const first = preload === undefined ? [] : ['--import', `${root}${preload}`];
  return spawn(process.execPath, ['--conditions=source', ...first, `${root}${script}`, ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', onLine === undefined ? 'inherit' : 'pipe', 'ipc'],
    // A process group of its own: Ctrl-C is for the bench, which ends its processes in order.
    detached: true,
  });
}

function forEachLine(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  });
}
