import { routerPort } from '../routers/router-port.ts';
import { TestRedis } from './redis.ts';

const SLOTS = 16_384;

/** Three masters of a real Redis Cluster, without replicas. */
export class TestRedisCluster implements AsyncDisposable {
  readonly servers: readonly TestRedis[];
  readonly #stack: AsyncDisposableStack;

  private constructor(servers: readonly TestRedis[], stack: AsyncDisposableStack) {
    this.servers = servers;
    this.#stack = stack;
  }

  static async start(): Promise<TestRedisCluster> {
    await using stack = new AsyncDisposableStack();
    const servers: TestRedis[] = [];
    const busPorts: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const busPort = await routerPort();
      busPorts.push(busPort);
      const settings = {
        'cluster-enabled': 'yes',
        'cluster-port': String(busPort),
        'cluster-require-full-coverage': 'no',
      };
      servers.push(stack.use(await TestRedis.start({ settings })));
    }
    await join(servers, busPorts);
    return new TestRedisCluster(servers, stack.move());
  }

  get urls(): readonly string[] {
    return this.servers.map(({ url }) => url);
  }

  /** Gives the slot of `key`, and what is in it, to the next server. */
  async moveSlot(key: string): Promise<void> {
    const slot = (await this.servers[0]!.command('CLUSTER', 'KEYSLOT', key)).trim();
    const from = Math.floor((Number(slot) * 3) / SLOTS);
    const source = this.servers[from]!;
    const target = this.servers[(from + 1) % 3]!;
    const [sourceId, targetId] = await Promise.all([idOf(source), idOf(target)]);
    await target.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId);
    await source.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId);
    const keys = await source.command('CLUSTER', 'GETKEYSINSLOT', slot, '100');
    for (const each of keys.split('\n').filter((line) => line !== '')) {
      await source.command('MIGRATE', '127.0.0.1', String(target.port), each, '0', '1000');
    }
    for (const server of [target, source]) {
      await server.command('CLUSTER', 'SETSLOT', slot, 'NODE', targetId);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

async function join(servers: readonly TestRedis[], busPorts: readonly number[]): Promise<void> {
  for (const [i, server] of servers.entries()) {
    await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
    const [first, last] = [i, i + 1].map((part) => Math.ceil((part * SLOTS) / 3));
    await server.command('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last! - 1));
  }
  const [first, ...others] = servers;
  for (const [i, { port }] of others.entries()) {
    await first!.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[i + 1]));
  }
  for (const server of servers) await untilJoined(server);
}

/** Until it takes part in the cluster; after its restart, too. */
export async function untilJoined(server: TestRedis): Promise<void> {
  const isJoined = (text: string) =>
    text.includes('cluster_state:ok') && text.includes('cluster_slots_ok:16384');
  await untilSaid(server, ['CLUSTER', 'INFO'], isJoined);
}

async function idOf(server: TestRedis): Promise<string> {
  return (await server.command('CLUSTER', 'MYID')).trim();
}

/** Asks until the answer is as wanted; for what servers agree on among themselves. */
export async function untilSaid(
  server: Pick<TestRedis, 'command'>,
  command: readonly string[],
  isWanted: (text: string) => boolean,
): Promise<void> {
  const end = performance.now() + 20_000;
  for (;;) {
    const said = await server.command(...command);
    if (isWanted(said)) return;
    if (performance.now() > end) throw new Error(`${command.join(' ')} still says ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
