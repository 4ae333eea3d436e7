import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitUntil } from '../tools/wait-until.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
/** Real routers take some seconds. */
const LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;

export interface Shown {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** `fairlead demo` as a user runs it, in its own process; stopped at the end of the scope. */
export class DemoProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  output = '';
  errors = '';

  private constructor(args: readonly string[], nodeFlags: readonly string[]) {
    this.child = spawn(
      process.execPath,
      ['--conditions=source', ...nodeFlags, MAIN, 'demo', ...args],
      {
        cwd: tmpdir(),
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
      },
    );
    this.child.stdout!.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
  }

  static run(args: readonly string[], nodeFlags: readonly string[] = []): DemoProcess {
    return new DemoProcess(args, nodeFlags);
  }

  /** Resolves when the commands are printed. */
  async ready(): Promise<this> {
    await this.shows('Ctrl-C stops');
    return this;
  }

  async shows(text: string): Promise<void> {
    const isThere = () => this.output.includes(text) || this.hasExited;
    await waitUntil(`the demo shows "${text}"`, isThere, LIMIT_MS);
    if (!this.output.includes(text)) throw new Error(`the demo ended: ${this.errors}`);
  }

  /** What a user copies, in order. */
  get commands(): readonly string[] {
    return this.output.split('\n').filter((line) => line.startsWith('curl '));
  }

  /** Every port that a step named, once. */
  get ports(): readonly number[] {
    const named = this.output.matchAll(/(?:127\.0\.0\.1|localhost):(\d+)/g);
    return [...new Set([...named].map((it) => Number(it[1])))];
  }

  get gatewayPort(): number {
    return Number(/https:\/\/localhost:(\d+)/.exec(this.output)![1]);
  }

  async stop(signal: NodeJS.Signals): Promise<Shown> {
    this.child.kill(signal);
    return this.end();
  }

  async end(): Promise<Shown> {
    if (!this.hasExited) await once(this.child, 'close');
    return { code: this.child.exitCode, output: this.output, errors: this.errors };
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasExited) return;
    // Asked first: a demo that is killed outright cannot stop the routers that it started.
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.stop('SIGTERM');
    clearTimeout(late);
  }
}

/** Runs a line in bash, in a folder that has nothing to do with the demo; gives its standard output. */
export async function inBash(line: string): Promise<string> {
  const options = { cwd: '/', timeout: LIMIT_MS };
  const { stdout } = await promisify(execFile)('bash', ['-c', line], options);
  return stdout;
}

/** A folder for demos, with a blank in its name; removed at the end of the scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'fairlead demo-'));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
