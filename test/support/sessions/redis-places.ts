import { systemClock } from '../../../src/app/system-clock.ts';
import type { RedisPlace } from '../../../src/core/redis-place.ts';
import { Secret } from '../../../src/core/secret.ts';
import { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type { TestRedisCluster } from './redis-cluster.ts';
import type { TestSentinel } from './redis-sentinel.ts';

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

/** A store that is ready. */
export async function openStoreAt(place: RedisPlace, lines: string[] = []): Promise<RedisStore> {
  const store = new RedisStore({
    place,
    caPem: undefined,
    user: undefined,
    password: undefined,
    prefix: 'test:',
    clock: systemClock,
    log: (line) => void lines.push(line),
  });
  store.start();
  await waitUntil('the store is ready', () => store.isReady);
  return store;
}
