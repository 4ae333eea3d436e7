import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routerPort } from '../routers/router-port.ts';
import { untilSaid } from './redis-cluster.ts';
import { commandOf, reachable, TestRedis } from './redis.ts';

/** A master, its replica, and one Sentinel, which makes the replica master within about two seconds. */
export class TestSentinel implements AsyncDisposable {
  readonly name = 'main';
  readonly password = 'sentinel-only';
  readonly master: TestRedis;
  readonly replica: TestRedis;
  readonly url: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Parts) {
    this.master = parts.master;
    this.replica = parts.replica;
    this.url = `redis://127.0.0.1:${parts.port}`;
    this.#stack = parts.stack;
  }

  /** Until the replica has all that the master has now: WAIT of another connection waits for nothing. */
  async replicated(): Promise<void> {
    const wanted = await offsetOf(this.master);
    const end = performance.now() + 10_000;
    while ((await offsetOf(this.replica)) < wanted) {
      if (performance.now() > end) throw new Error('the replica does not follow within 10 s');
    }
  }

  static async start(): Promise<TestSentinel> {
    await using stack = new AsyncDisposableStack();
    const settings = { 'repl-diskless-sync-delay': '0' };
    const master = stack.use(await TestRedis.start({ settings }));
    const replica = stack.use(
      await TestRedis.start({ settings: { ...settings, replicaof: `127.0.0.1 ${master.port}` } }),
    );
    await untilSaid(replica, ['INFO', 'replication'], (text) => /link_status:up/.test(text));
    const port = await routerPort();
    const sentinel = new TestSentinel({ master, replica, port, stack: stack.move() });
    await sentinel.#watch(port);
    return sentinel;
  }

  async #watch(port: number): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-sentinel-'));
    this.#stack.defer(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, 'sentinel.conf');
    await writeFile(file, this.#settings(port, directory).join('\n'));
    const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
    this.#stack.defer(() => end(child));
    await reachable(port);
    const command = ['--no-auth-warning', '-a', this.password, 'SENTINEL', 'master', this.name];
    const asked = { command: (...words: readonly string[]) => commandOf(port, words) };
    await untilSaid(asked, command, (text) => /num-slaves\s+1\b/.test(text));
  }

  #settings(port: number, directory: string): string[] {
    const { name, master, password } = this;
    return [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${directory}`,
      `requirepass ${password}`,
      `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
    ];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

interface Parts {
  readonly master: TestRedis;
  readonly replica: TestRedis;
  readonly port: number;
  readonly stack: AsyncDisposableStack;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** How far a server is in what a master has written; -1 for a replica without its master. */
async function offsetOf(redis: TestRedis): Promise<number> {
  const info = await redis.command('INFO', 'replication');
  if (info.includes('master_link_status:down')) return -1;
  return Number(/(?:slave|master)_repl_offset:(\d+)/.exec(info)?.[1] ?? -1);
}
