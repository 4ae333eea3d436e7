import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/app/system-clock.ts';
import type { RateCheck } from '../../../src/policy/snapshot/snapshot.ts';
import { ReplicaLimits } from '../../support/sessions/limits-redis.ts';
import { TestRedisCluster } from '../../support/sessions/redis-cluster.ts';
import { clusterPlace, sentinelPlace } from '../../support/sessions/redis-places.ts';
import { TestSentinel } from '../../support/sessions/redis-sentinel.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { sharedCheck } from '../../support/sessions/shared-check.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const skip = NO_REDIS;

test(
  'replicas count together in a cluster, while slots move and scripts go',
  { skip },
  async () => {
    await using cluster = await TestRedisCluster.start();
    await using one = await ReplicaLimits.at(clusterPlace(cluster));
    await using other = await ReplicaLimits.at(clusterPlace(cluster));

    for (const algorithm of ['window', 'strict'] as const) {
      const check = sharedCheck(`3:${algorithm}`, '10/h', algorithm);
      const first = [await take(one, check), await take(other, check)];
      await cluster.moveSlot(`test:limit:${algorithm}:{3:${algorithm}}`);
      for (const server of cluster.servers) await server.command('SCRIPT', 'FLUSH');

      const rest = await Promise.all(
        Array.from({ length: 20 }, (_, i) => take(i % 2 === 0 ? one : other, check)),
      );

      const admitted = [...first, ...rest].filter(({ isAdmitted }) => isAdmitted);
      assert.equal(admitted.length, 10, algorithm);
    }
    assert.deepEqual([...one.changes, ...other.changes], []);
  },
);

test('at a failover of Sentinel limits go on with the replica', { skip }, async () => {
  await using sentinel = await TestSentinel.start();
  await using replica = await ReplicaLimits.at(sentinelPlace(sentinel));
  const check = sharedCheck('1:a', '5/h', 'window');
  for (let i = 0; i < 3; i += 1) await take(replica, check);
  await sentinel.replicated();

  await sentinel.master.kill();

  assert.equal((await take(replica, check)).isAway, true);
  const probe = sharedCheck('1:b', '1000/s', 'window');
  await waitUntil(
    'the store counts again',
    () => {
      void take(replica, probe);
      return replica.limits.isUp;
    },
    30_000,
  );
  assert.equal((await take(replica, check)).remaining, 1);
});

test('one-time keys end, and do not reset who was there before', { skip }, async () => {
  await using redis = await TestRedis.start();
  await using replica = await ReplicaLimits.open(redis);
  const established = sharedCheck('11:established', '3/h', 'strict');
  await take(replica, established);

  for (let batch = 0; batch < 40; batch += 1) {
    const keys = Array.from({ length: 500 }, (_, i) => `once:${batch}:${i}`);
    await Promise.all(keys.map((key) => take(replica, sharedCheck(key, '1/s', 'strict'))));
  }
  const end = performance.now() + 20_000;
  while (Number(await redis.command('DBSIZE')) > 1) assert.ok(performance.now() < end);

  assert.equal((await take(replica, established)).remaining, 1);
});

async function take({ limits }: ReplicaLimits, check: RateCheck) {
  return await limits.take(check, systemClock.monotonicMs());
}
