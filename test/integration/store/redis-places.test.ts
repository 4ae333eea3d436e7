import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RedisPlace } from '../../../src/core/redis-place.ts';
import { Secret } from '../../../src/core/secret.ts';
import { storeContract } from '../../support/contracts/store-contract.ts';
import { TestRedisCluster, untilJoined } from '../../support/sessions/redis-cluster.ts';
import {
  clusterPlace,
  openStoreAt,
  sentinelPlace,
  storesUnderTest,
} from '../../support/sessions/redis-places.ts';
import { TestSentinel } from '../../support/sessions/redis-sentinel.ts';
import { NO_REDIS } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const skip = NO_REDIS;
const ttlMs = 60_000;

let cluster: TestRedisCluster;
let sentinel: TestSentinel;
before(async () => {
  if (skip !== false) return;
  [cluster, sentinel] = await Promise.all([TestRedisCluster.start(), TestSentinel.start()]);
});
after(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await sentinel?.[Symbol.asyncDispose]();
});

/** Servers are shared by the checks, so each has keys of its own. */
async function underTest(place: RedisPlace, forget: () => Promise<unknown>) {
  await forget();
  return storesUnderTest(() => openStoreAt(place));
}

storeContract(
  'the store in a cluster',
  () =>
    underTest(clusterPlace(cluster), () =>
      Promise.all(cluster.servers.map((server) => server.command('FLUSHALL'))),
    ),
  skip,
);
storeContract(
  'the store behind Sentinel',
  () => underTest(sentinelPlace(sentinel), () => sentinel.master.command('FLUSHALL')),
  skip,
);

test('keys are spread over a cluster, and a slot that moves is followed', { skip }, async () => {
  await using store = await openStoreAt(clusterPlace(cluster));
  const keys = Array.from({ length: 60 }, (_, i) => `spread:${i}`);
  await Promise.all(keys.map((key) => store.set(key, key, { ttlMs })));
  const sizes = await Promise.all(cluster.servers.map((server) => server.command('DBSIZE')));
  assert.ok(
    sizes.every((size) => Number(size) > 0),
    sizes.join(),
  );

  await cluster.moveSlot('test:spread:7');

  assert.equal(await store.get('spread:7'), 'spread:7');
  const change = { expected: 'spread:7', value: 'moved', ttlMs };
  assert.equal(await store.compareAndSet('spread:7', change), true);
});

test('a server of a cluster that is lost takes only its own keys along', { skip }, async () => {
  await using own = await TestRedisCluster.start();
  const lines: string[] = [];
  await using store = await openStoreAt(clusterPlace(own), lines);
  const gaps: number[] = [];
  store.subscribe('news', { message: () => {}, gap: () => void gaps.push(1) });
  const keys = Array.from({ length: 60 }, (_, i) => `lost:${i}`);
  await Promise.all(keys.map((key) => store.set(key, 'x', { ttlMs })));
  await waitUntil('the store listens', () => gaps.length > 0);

  // The listener begins with the first.
  await own.servers[0]!.kill();
  await waitUntil('the loss is told', () => lines.length > 0);
  const found = await Promise.allSettled(keys.map((key) => store.get(key)));

  const lost = found.filter(({ status }) => status === 'rejected');
  assert.ok(lost.length > 0 && lost.length < keys.length, `${lost.length} lost`);
  await waitUntil('another server is listened to', () => gaps.length > 1, 10_000);
  await own.servers[0]!.restart();
  await untilJoined(own.servers[0]!);
  await waitUntil('all is there again', () => lines.length > 1, 20_000);
  await Promise.all(keys.map((key) => store.set(key, 'x', { ttlMs })));
});

test('at a failover the replica is used, with what it has', { skip }, async () => {
  await using own = await TestSentinel.start();
  const lines: string[] = [];
  await using store = await openStoreAt(sentinelPlace(own), lines);
  await using other = await openStoreAt(sentinelPlace(own));
  const heard: string[] = [];
  let gaps = 0;
  store.subscribe('news', { message: (text) => void heard.push(text), gap: () => (gaps += 1) });
  await store.set('kept', 'x', { ttlMs });
  await waitUntil('the store listens', () => gaps > 0);
  await own.replicated();

  await own.master.kill();
  await waitUntil('the loss is seen', () => !store.isReady);
  await assert.rejects(store.get('kept'), { code: 'store_unavailable' });
  await waitUntil('both are back', () => store.isReady && other.isReady && gaps > 1, 30_000);

  assert.equal(await store.get('kept'), 'x');
  await other.publish('news', 'hello');
  await waitUntil('news are heard', () => heard.length > 0);
  assert.deepEqual(
    lines.map((line) => line.replace(/ \(.*/, '')),
    ['store: Redis is not reachable', 'store: Redis is reachable again'],
  );
});

test('a Sentinel that is asked with a wrong password is no way to a master', { skip }, async () => {
  const lines: string[] = [];
  const place = { ...sentinelPlace(sentinel), password: new Secret('wrong') };

  await assert.rejects(openStoreAt(place, lines));

  assert.match(lines[0] ?? '', /not reachable/);
});
