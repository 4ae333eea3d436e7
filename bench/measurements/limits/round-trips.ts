import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { GatewayProcess } from '../../../test/support/gateway/gateway-process.ts';
import { TestRedis } from '../../../test/support/sessions/redis.ts';

type Start = (count: number, redisUrl: string, limits: string) => Promise<GatewayProcess[]>;

const REQUESTS = 100;

/** Writes to Redis and reads from it for requests one after the other, seen by a proxy between. */
export async function countRoundTrips(start: Start): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await TestRedis.start());
  const proxy = stack.use(await CountingProxy.start(redis.port));
  const limits = 'rate: [1000/s, 10000/m, 100000/h], whenDown: closed';
  const [gateway] = await start(1, `redis://127.0.0.1:${proxy.port}`, limits);
  stack.use(gateway!);
  await send(gateway!);
  const before = { ...proxy.chunks };
  for (let i = 0; i < REQUESTS; i += 1) await send(gateway!);
  const { asked, answered } = proxy.chunks;
  const writes = (asked - before.asked) / REQUESTS;
  const reads = (answered - before.answered) / REQUESTS;
  return `three limits of a request: ${writes} writes and ${reads} reads a request, pings included`;
}

async function send(gateway: GatewayProcess): Promise<void> {
  const { statusCode, body } = await gateway.request('/');
  await body.dump();
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
}

/** Passes octets on, and counts the chunks in which they come. */
class CountingProxy implements AsyncDisposable {
  readonly chunks = { asked: 0, answered: 0 };
  readonly #server;

  private constructor(redisPort: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      const redis = connect({ port: redisPort, host: '127.0.0.1', noDelay: true });
      client.on('data', () => (this.chunks.asked += 1)).pipe(redis);
      redis.on('data', () => (this.chunks.answered += 1)).pipe(client);
      for (const socket of [client, redis]) socket.on('error', () => socket.destroy());
      client.on('close', () => redis.destroy());
      redis.on('close', () => client.destroy());
    });
  }

  static async start(redisPort: number): Promise<CountingProxy> {
    const proxy = new CountingProxy(redisPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await Promise.resolve();
  }
}
