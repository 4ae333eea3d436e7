import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedPort } from '../applications/backend.ts';

/** False when there is one; else the reason for which tests behind HAProxy are skipped. */
export const NO_HAPROXY: string | false =
  spawnSync('haproxy', ['-v']).status === 0
    ? false
    : 'no haproxy on PATH (Debian: apt-get install haproxy)';

export interface HaproxyOptions {
  /** `tcp` or `http`. */
  readonly mode: 'tcp' | 'http';
  /** Behind `bind ADDRESS:PORT`. */
  readonly bind?: string;
  /** Lines of the section, such as `option forwardfor`. */
  readonly lines?: readonly string[];
  /** The gateway, and what `server` says of it: `send-proxy-v2`. */
  readonly server: { readonly port: number; readonly options?: string };
  /** Files that the lines name as `{folder}/NAME`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A real HAProxy on the loopback in front of one port. */
export class Haproxy implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = child;
  }

  static async start(options: HaproxyOptions): Promise<Haproxy> {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-haproxy-'));
    const port = await closedPort();
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await writeFile(join(folder, name), text);
    }
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, configuration(port, options).replaceAll('{folder}', folder));
    const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const haproxy = new Haproxy(port, folder, child);
    try {
      await reachable(port, child);
    } catch (cause) {
      await haproxy[Symbol.asyncDispose]();
      throw new Error(`haproxy does not listen: ${said}`, { cause });
    }
    return haproxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Of one process, without a health check: each connection to the gateway is one of the test's. */
function configuration(port: number, { mode, bind = '', lines = [], server }: HaproxyOptions) {
  return `global
  maxconn 200
  nbthread 1
defaults
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen gateway
  mode ${mode}
  bind 127.0.0.1:${port} ${bind}
${lines.map((line) => `  ${line}\n`).join('')}  server gateway 127.0.0.1:${server.port} ${server.options ?? ''}
`;
}

/** Resolves when something listens; a connection of ours that HAProxy would pass on must not stay. */
async function reachable(port: number, child: ChildProcess): Promise<void> {
  const end = performance.now() + 10_000;
  while (performance.now() < end && child.exitCode === null) {
    if (await isListening(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('not in time');
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.resetAndDestroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
