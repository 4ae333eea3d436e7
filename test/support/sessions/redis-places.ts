import { systemClock } from '../../../src/app/system-clock.ts';
import type { RedisPlace } from '../../../src/core/redis-place.ts';
import { Secret } from '../../../src/core/secret.ts';
import { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type { TestRedis } from './redis.ts';
import type { TestRedisCluster } from './redis-cluster.ts';
import type { TestSentinel } from './redis-sentinel.ts';

export function singlePlace({ url }: Pick<TestRedis, 'url'>): RedisPlace {
  return { kind: 'single', url: new Secret(url) };
}

export function clusterPlace({ urls }: TestRedisCluster): RedisPlace {
  return { kind: 'cluster', urls: urls.map((url) => new Secret(url)) };
}

export function sentinelPlace({ name, url, password }: TestSentinel): RedisPlace {
  return {
    kind: 'sentinel',
    master: name,
    urls: [new Secret(url)],
    password: new Secret(password),
  };
}

/** What a test says of its store; default: no TLS, no login, the prefix `test:`. */
export interface TestStoreOptions {
  readonly place: RedisPlace;
  readonly server?: Pick<TestRedis, 'caPem' | 'password'>;
  readonly prefix?: string;
  /** What operators are told goes here. */
  readonly lines?: string[];
}

/** Connects when it is started. */
export function testStore({ place, server, prefix = 'test:', lines = [] }: TestStoreOptions) {
  const password = server?.password;
  return new RedisStore({
    place,
    caPem: server?.caPem,
    user: password === undefined ? undefined : 'default',
    password: password === undefined ? undefined : new Secret(password),
    prefix,
    clock: systemClock,
    log: (line) => void lines.push(line),
  });
}

/** A store that is ready. */
export async function openTestStore(options: TestStoreOptions): Promise<RedisStore> {
  const store = testStore(options);
  store.start();
  await waitUntil('the store is ready', () => store.isReady);
  return store;
}

export function openStoreAt(place: RedisPlace, lines: string[] = []): Promise<RedisStore> {
  return openTestStore({ place, lines });
}

/** Two replicas of one store for the contract of stores; `redis` ends with them. */
export async function storesUnderTest(open: () => Promise<RedisStore>, redis?: AsyncDisposable) {
  const [store, other] = [await open(), await open()];
  return {
    store,
    other,
    pass: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    async [Symbol.asyncDispose]() {
      await Promise.all([store.close(), other.close()]);
      await redis?.[Symbol.asyncDispose]();
    },
  };
}
