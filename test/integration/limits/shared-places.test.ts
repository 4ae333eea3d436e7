import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../src/app/system-clock.ts';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { sharedKey } from '../../../src/evaluate/limit/shared/shared-key.ts';
import type { PlaceCheck, WhenDown } from '../../../src/policy/snapshot/snapshot.ts';
import { ReplicaLimits } from '../../support/sessions/limits-redis.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const skip = NO_REDIS;

let redis: TestRedis;
before(async () => {
  if (skip === false) redis = await TestRedis.start();
});
after(() => redis?.[Symbol.asyncDispose]());

test('replicas share places, and what one gives back the other may take', { skip }, async () => {
  await using one = await ReplicaLimits.open(redis);
  await using other = await ReplicaLimits.open(redis);
  const check = checkOf('together', 10);

  const taken = await takeAll([one, other], check, 40);

  assert.equal(taken.filter(({ isAdmitted }) => isAdmitted).length, 10);
  assert.equal(taken[0]!.isAdmitted, true);
  one.limits.undo(check, taken[0]!);
  await waitUntil(
    'the place is free',
    async () => (await membersOf(redis, 'together')).length < 10,
  );
  assert.equal((await take(other, check)).isAdmitted, true);
  assert.equal((await take(one, check)).isAdmitted, false);
});

test('requests that come and go over two replicas never hold one more', { skip }, async () => {
  await using one = await ReplicaLimits.open(redis);
  await using other = await ReplicaLimits.open(redis);
  const check = checkOf('busy', 3);
  let [inFlight, most, admitted] = [0, 0, 0];

  const client = async (replica: ReplicaLimits): Promise<void> => {
    for (let i = 0; i < 100; i += 1) {
      const taken = await take(replica, check);
      if (!taken.isAdmitted) continue;
      inFlight += 1;
      admitted += 1;
      most = Math.max(most, inFlight);
      await new Promise(setImmediate);
      inFlight -= 1;
      replica.limits.undo(check, taken);
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, i) => client(i % 2 === 0 ? one : other)));

  assert.equal(most, 3);
  assert.ok(admitted > 10, `${admitted} admitted`);
});

test('a place is a lease that ends by itself', { skip }, async () => {
  await using replica = await ReplicaLimits.open(redis);

  await take(replica, checkOf('lease', 1));

  const leftMs = Number(await redis.command('PTTL', `test:${sharedKey('places', 'lease')}`));
  assert.ok(leftMs > 0 && leftMs <= DEADLINES.placeLeaseMs, `${leftMs} ms`);
});

test('a script that Redis has forgotten is sent again', { skip }, async () => {
  await using own = await TestRedis.start();
  await using replica = await ReplicaLimits.open(own);
  const check = checkOf('forgotten', 3);
  await take(replica, check);

  await own.command('SCRIPT', 'FLUSH');

  assert.equal((await take(replica, check)).remaining, 1);
  assert.deepEqual(replica.changes, []);
});

/** Of ten places with two replicas: how many are in at the same time while Redis is away, with two from before. */
const AWAY: readonly [WhenDown, inFlight: number][] = [
  ['local-share', 5],
  ['open', 42],
  ['closed', 2],
];

for (const [whenDown, inFlight] of AWAY) {
  test(`a Redis that is killed: ${whenDown}`, { skip }, async () => {
    await using own = await TestRedis.start();
    await using replica = await ReplicaLimits.open(own);
    const check = checkOf('away', 10, whenDown);
    const before = await takeAll([replica], check, 2);
    replica.answers.length = 0;
    await own.kill();

    const taken = await takeAll([replica], check, 40);

    const held = [...before, ...taken].filter(({ isAdmitted }) => isAdmitted);
    assert.equal(held.length, inFlight);
    assert.deepEqual(new Set(replica.answers), new Set([whenDown]));
    assert.equal(
      taken.some(({ isAway }) => isAway),
      whenDown === 'closed',
    );

    await own.restart();
    await waitUntil('what is held is put back', async () => {
      void take(replica, checkOf('probe', 1_000));
      return (await membersOf(own, 'away')).length === inFlight;
    });
    for (const each of held) replica.limits.undo(check, each);
    await waitUntil('it is empty', async () => (await membersOf(own, 'away')).length === 0);
  });
}

test('a place that Redis gave and nobody heard of is given back', { skip }, async () => {
  await using own = await TestRedis.start();
  await using replica = await ReplicaLimits.open(own);
  const check = checkOf('unheard', 1, 'closed');
  own.suspend();
  const taken = await take(replica, check);
  own.resume();

  assert.equal(taken.isAway, true);
  await waitUntil('the place is free', async () => {
    void take(replica, checkOf('probe', 1_000));
    return replica.limits.isUp && (await membersOf(own, 'unheard')).length === 0;
  });
  assert.equal((await take(replica, check)).isAdmitted, true);
});

function checkOf(key: string, most: number, whenDown: WhenDown = 'local-share'): PlaceCheck {
  return {
    kind: 'place',
    name: 'tiers.free.concurrent',
    group: 'tiers.free',
    mode: 'enforce',
    ruleKey: 'free',
    key,
    most,
    shared: { whenDown, share: Math.floor(most / 2) },
  };
}

async function take({ limits }: ReplicaLimits, check: PlaceCheck) {
  return await limits.take(check, systemClock.monotonicMs());
}

/** In turn, at the same time. */
function takeAll(replicas: readonly ReplicaLimits[], check: PlaceCheck, count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, i) => take(replicas[i % replicas.length]!, check)),
  );
}

async function membersOf(server: TestRedis, key: string): Promise<readonly string[]> {
  const name = `test:${sharedKey('places', key)}`;
  const members = await server.command('ZRANGE', name, '0', '-1');
  return members.split('\n').filter((member) => member !== '');
}
