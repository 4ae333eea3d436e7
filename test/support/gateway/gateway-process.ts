import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dispatcher } from 'undici';
import type { AccessLine } from './gateway.ts';
import { HttpsClient } from '../clients/https-client.ts';
import type { RequestOptions } from '../clients/https-client.ts';
import { writePolicySet } from '../policy/policy-set.ts';
import type { PolicySetOptions } from '../policy/policy-set.ts';
import { waitUntil } from '../tools/wait-until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/**
 * Stripped and compiled modules, kept between runs: the type stripper alone would take 30 MB, and the
 * image runs built files. A process writes it when it ends by itself.
 */
const COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'fairlead-compile');
const SAMPLE_EVERY_MS = 100;
const START_LIMIT_MS = 20_000;

export interface GatewayProcessOptions extends PolicySetOptions {
  /** Modules that the process loads first, by URL. */
  readonly imports?: readonly string[];
  /** More flags of `fairlead run`. */
  readonly flags?: readonly string[];
}

/** `fairlead run` in a process of its own, without heap flags. Killed at the end of the scope. */
export class GatewayProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly caPem: string;
  readonly #client: HttpsClient;
  #output = '';
  #errors = '';
  #peakRssBytes = 0;
  readonly #sampler: NodeJS.Timeout;

  private constructor(child: ChildProcess, set: { directory: string; caPem: string }) {
    this.child = child;
    this.directory = set.directory;
    this.caPem = set.caPem;
    this.#client = new HttpsClient(set.caPem);
    child.stdout!.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr!.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_EVERY_MS).unref();
  }

  /** Resolves when it serves, and is ready unless told not to wait for that. */
  static async start(
    options: GatewayProcessOptions & { readonly waitUntilReady?: boolean },
  ): Promise<GatewayProcess> {
    const running = await GatewayProcess.spawn(options);
    try {
      const isServing = () => running.log('serving') !== undefined || running.hasExited;
      await waitUntil('the gateway process serves', isServing, START_LIMIT_MS);
      if (running.hasExited) throw new Error(`the gateway ended: ${running.errors}`);
      if (options.waitUntilReady ?? true) await running.ready();
      return running;
    } catch (error) {
      await running[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves at once: for processes that are expected to end by themselves. */
  static async spawn(options: GatewayProcessOptions): Promise<GatewayProcess> {
    const set = await writePolicySet(options);
    return new GatewayProcess(
      spawnFairlead(['run', set.directory, ...(options.flags ?? [])], options.imports),
      set,
    );
  }

  get port(): number {
    return Number(this.log('serving')!['https_port']);
  }

  get adminPort(): number {
    return Number(this.log('serving')!['admin_port']);
  }

  /** One request over HTTP/1.1; `host` is app.example.test unless given. */
  request(path: string, options: RequestOptions = {}): Promise<Dispatcher.ResponseData> {
    return this.#client.request(this.port, path, options);
  }

  get errors(): string {
    return this.#errors;
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get accessLines(): AccessLine[] {
    return jsonLines(this.#output);
  }

  /** Largest resident set so far, sampled every 100 ms. */
  get peakRssBytes(): number {
    this.#sample();
    return this.#peakRssBytes;
  }

  /** The first line of the system log with this message. */
  log(message: string): Readonly<Record<string, unknown>> | undefined {
    return jsonLines(this.#errors).find((line) => line['message'] === message);
  }

  async admin(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`);
    return { status: response.status, text: await response.text() };
  }

  async ready(): Promise<void> {
    const end = performance.now() + START_LIMIT_MS;
    for (;;) {
      const { status, text } = await this.admin('/readyz');
      if (status === 200) return;
      if (performance.now() > end) throw new Error(`not ready: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Resolves with the exit code; undefined when a signal ended it. */
  async exit(): Promise<number | undefined> {
    if (!this.hasExited) await once(this.child, 'close');
    return this.child.exitCode ?? undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sampler);
    await this.#client[Symbol.asyncDispose]();
    if (!this.hasExited) this.child.kill('SIGKILL');
    await this.exit();
    await rm(this.directory, { recursive: true, force: true });
  }

  #sample(): void {
    const bytes = residentBytes(this.child.pid);
    if (bytes > this.#peakRssBytes) this.#peakRssBytes = bytes;
  }
}

/** Runs another command of the program to its end. */
export async function runFairlead(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
  const child = spawnFairlead(args);
  let [output, errors] = ['', ''];
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output, errors };
}

function spawnFairlead(args: readonly string[], imports: readonly string[] = []): ChildProcess {
  const flags = ['--conditions=source', ...imports.map((url) => `--import=${url}`)];
  return spawn(process.execPath, [...flags, 'src/main.ts', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
}

function jsonLines(text: string): AccessLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as AccessLine);
}

/** From /proc; 0 once the process is gone, or on a system without it. */
function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
