import assert from 'node:assert/strict';
import test from 'node:test';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import {
  openTestStore,
  singlePlace,
  storesUnderTest,
  testStore,
} from '../../support/sessions/redis-places.ts';
import { storeContract } from '../../support/contracts/store-contract.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

function openStore(redis: TestRedis, prefix?: string, lines?: string[]) {
  return openTestStore({
    place: singlePlace(redis),
    server: redis,
    ...(prefix !== undefined && { prefix }),
    ...(lines !== undefined && { lines }),
  });
}

async function underTest() {
  const redis = await TestRedis.start();
  return storesUnderTest(() => openStore(redis), redis);
}

storeContract('the Redis store', underTest, NO_REDIS);

test('gateways with different prefixes do not see each other', { skip: NO_REDIS }, async () => {
  await using redis = await TestRedis.start();
  await using one = await openStore(redis, 'one:');
  await using two = await openStore(redis, 'two:');

  await one.set('a:1', 'x', { ttlMs: 60_000 });

  assert.equal(await two.get('a:1'), undefined);
});

test('rediss verifies the server, and logs in with a password', { skip: NO_REDIS }, async () => {
  await using redis = await TestRedis.start({ tls: true });
  await using store = await openStore(redis);

  assert.equal(await store.set('a:1', 'x', { ttlMs: 60_000 }), true);
});

test('a Redis that a foreign authority vouches for is not used', { skip: NO_REDIS }, async () => {
  await using redis = await TestRedis.start({ tls: true });
  const lines: string[] = [];
  await using store = testStore({
    place: singlePlace(redis),
    server: { caPem: undefined, password: redis.password },
    lines,
  });

  store.start();
  await waitUntil('the refusal is logged', () => lines.length > 0);

  assert.match(lines[0]!, /store: Redis is not reachable \(.*(SELF_SIGNED|UNABLE).*\)/);
  await assert.rejects(store.get('a:1'), { code: 'store_unavailable' });
});

test('a lost connection fails at once and comes back', { skip: NO_REDIS }, async () => {
  await using redis = await TestRedis.start();
  const lines: string[] = [];
  await using store = await openStore(redis, 'test:', lines);
  let gaps = 0;
  store.subscribe('news', { message: () => {}, gap: () => (gaps += 1) });

  await redis.kill();
  await waitUntil('the loss is seen', () => !store.isReady);
  await assert.rejects(store.get('a:1'), { code: 'store_unavailable' });
  await redis.restart();
  await waitUntil('the store is ready again', () => store.isReady && gaps > 0, 10_000);

  assert.equal(await store.get('a:1'), undefined);
  assert.deepEqual(
    lines.map((line) => line.replace(/ \(.*/, '')),
    ['store: Redis is not reachable', 'store: Redis is reachable again'],
  );
});

test('a Redis that hangs fails within a second', { skip: NO_REDIS }, async () => {
  await using redis = await TestRedis.start();
  await using store = await openStore(redis);
  redis.suspend();
  const start = performance.now();

  await assert.rejects(store.get('a:1'), /no answer from Redis within 1000 ms/);

  assert.ok(performance.now() - start < 2000);
  redis.resume();
});
