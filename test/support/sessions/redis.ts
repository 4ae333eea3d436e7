import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { routerPort } from '../routers/router-port.ts';
import { issue, makeCa } from '../tools/certificates.ts';

/** False when there is one; else the reason for which tests of a shared store are skipped. */
export const NO_REDIS: string | false =
  spawnSync('redis-server', ['--version']).status === 0
    ? false
    : 'no redis-server on PATH (Debian: apt-get install redis-server)';

export interface TestRedisOptions {
  readonly tls?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

const PASSWORD = 'correct-horse';

/** A real redis-server on the loopback, without persistence; with TLS and a password on demand. */
export class TestRedis implements AsyncDisposable {
  readonly port: number;
  readonly password: string | undefined;
  readonly caPem: string | undefined;
  readonly #directory: string;
  readonly #arguments: readonly string[];
  #process: ChildProcess;

  private constructor(parts: {
    port: number;
    caPem: string | undefined;
    directory: string;
    given: readonly string[];
  }) {
    this.port = parts.port;
    this.caPem = parts.caPem;
    this.password = parts.caPem === undefined ? undefined : PASSWORD;
    this.#directory = parts.directory;
    this.#arguments = parts.given;
    this.#process = this.#spawn();
  }

  /** `settings` are redis-server's own, after `--`. */
  static async start({ tls = false, settings = {} }: TestRedisOptions = {}): Promise<TestRedis> {
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-redis-'));
    const port = await routerPort();
    const ca = tls ? await makeCa('test redis') : undefined;
    const given = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--dir', directory];
    if (ca === undefined) given.push('--port', String(port));
    else given.push(...(await tlsArguments(directory, port, ca)));
    given.push(...argumentsOf(settings));
    const redis = new TestRedis({ port, caPem: ca?.certPem, directory, given });
    await reachable(port);
    return redis;
  }

  get url(): string {
    return `${this.caPem === undefined ? 'redis' : 'rediss'}://127.0.0.1:${this.port}`;
  }

  /** Gone at once, with all it held. */
  async kill(): Promise<void> {
    const child = this.#process;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async restart(): Promise<void> {
    this.#process = this.#spawn();
    await reachable(this.port);
  }

  /** As redis-cli would; rejects with what it said on standard error. */
  async command(...words: readonly string[]): Promise<string> {
    return commandOf(this.port, words);
  }

  /** Answers nothing any more, and keeps its connections; `resume` undoes it. */
  suspend(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    return spawn('redis-server', [...this.#arguments], { stdio: 'ignore' });
  }
}

export async function commandOf(port: number, words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(port), ...words]);
  return stdout;
}

export async function reachable(port: number): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await accepts(port))) {
    if (performance.now() > end) throw new Error('redis-server did not start within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function tlsArguments(
  directory: string,
  port: number,
  ca: Awaited<ReturnType<typeof makeCa>>,
): Promise<string[]> {
  const { certPem, keyPem } = await issue(ca, { names: ['localhost', '127.0.0.1'] });
  const files = { 'ca.crt': ca.certPem, 'tls.crt': certPem, 'tls.key': keyPem };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const settings = {
    port: '0',
    'tls-port': String(port),
    'tls-auth-clients': 'no',
    'tls-cert-file': join(directory, 'tls.crt'),
    'tls-key-file': join(directory, 'tls.key'),
    'tls-ca-cert-file': join(directory, 'ca.crt'),
    requirepass: PASSWORD,
  };
  return argumentsOf(settings);
}

function argumentsOf(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
