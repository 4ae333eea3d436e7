import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../src/app/system-clock.ts';
import { bucketShape } from '../../../src/core/bucket-shape.ts';
import type {
  Check,
  RateCheck,
  SharedRate,
  WhenDown,
} from '../../../src/policy/snapshot/snapshot.ts';
import { limitStoreContract } from '../../support/contracts/limit-store-contract.ts';
import { rate } from '../../support/policy/policy.ts';
import { rateCheck } from '../../support/policy/rate-check.ts';
import { ReplicaLimits } from '../../support/sessions/limits-redis.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const skip = NO_REDIS;

for (const algorithm of ['window', 'strict'] as const) {
  limitStoreContract(
    `a shared Redis, ${algorithm},`,
    async () => {
      const redis = await TestRedis.start();
      const replica = await ReplicaLimits.open(redis);
      return {
        store: replica.limits,
        shared: sharedRate({ algorithm }),
        sharedPlace: { whenDown: 'local-share', share: 1 },
        nowMs: () => systemClock.monotonicMs(),
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 20)),
        async [Symbol.asyncDispose]() {
          await replica[Symbol.asyncDispose]();
          await redis[Symbol.asyncDispose]();
        },
      };
    },
    skip,
  );
}

let redis: TestRedis;
before(async () => {
  if (skip === false) redis = await TestRedis.start();
});
after(() => redis?.[Symbol.asyncDispose]());

for (const algorithm of ['window', 'strict'] as const) {
  test(`replicas count one rate together (${algorithm})`, { skip }, async () => {
    await using one = await ReplicaLimits.open(redis);
    await using other = await ReplicaLimits.open(redis);
    const check = checkOf({ key: `together-${algorithm}`, shared: { algorithm } });

    const taken = await Promise.all(
      Array.from({ length: 40 }, (_, i) => take(i % 2 === 0 ? one : other, check)),
    );

    assert.equal(taken.filter(({ isAdmitted }) => isAdmitted).length, 10);
    assert.deepEqual(new Set([...one.answers, ...other.answers]), new Set(['store']));
  });

  test(`a script that Redis has forgotten is sent again (${algorithm})`, { skip }, async () => {
    await using own = await TestRedis.start();
    await using replica = await ReplicaLimits.open(own);
    const check = checkOf({ key: 'forgotten', text: '3/m', shared: { algorithm } });
    await take(replica, check);

    await own.command('SCRIPT', 'FLUSH');

    assert.equal((await take(replica, check)).remaining, 1);
    assert.deepEqual(replica.changes, []);
  });
}

test('a burst is let in beside the window, once', { skip }, async () => {
  await using replica = await ReplicaLimits.open(redis);
  const check = checkOf({ key: 'burst', burst: 15 });

  const remaining = [];
  for (let i = 0; i < 17; i += 1) remaining.push((await take(replica, check)).remaining);

  assert.deepEqual(remaining, [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]);
  assert.equal((await take(replica, check)).isAdmitted, false);
});

test(
  'what is refused is not counted, and what is given back is there again',
  { skip },
  async () => {
    await using replica = await ReplicaLimits.open(redis);
    const check = checkOf({ key: 'back', text: '2/m' });
    const first = await take(replica, check);
    for (let i = 0; i < 5; i += 1) await take(replica, check);

    replica.limits.undo(check, first);

    assert.equal((await take(replica, check)).isAdmitted, true);
    assert.equal((await take(replica, check)).isAdmitted, false);
  },
);

/** Of 10/s with two replicas, while Redis is away. */
const AWAY: readonly [WhenDown, admitted: number][] = [
  ['local-share', 5],
  ['open', 40],
  ['closed', 0],
];

for (const algorithm of ['window', 'strict'] as const) {
  for (const [whenDown, admitted] of AWAY) {
    test(`a Redis that is killed: ${whenDown}, ${algorithm}`, { skip }, async () => {
      await using own = await TestRedis.start();
      await using replica = await ReplicaLimits.open(own);
      const check = checkOf({ key: 'away', text: '10/h', shared: { algorithm, whenDown } });
      await take(replica, check);
      replica.answers.length = 0;

      await own.kill();
      const taken = await Promise.all(Array.from({ length: 40 }, () => take(replica, check)));

      assert.equal(taken.filter(({ isAdmitted }) => isAdmitted).length, admitted);
      assert.deepEqual(new Set(replica.answers), new Set([whenDown]));
      assert.equal(replica.limits.isUp, false);
      await own.restart();
      const other = checkOf({ key: 'other', shared: { algorithm, whenDown } });
      await waitUntil('the store counts again', () => {
        void take(replica, other);
        return replica.limits.isUp;
      });
      assert.equal((await take(replica, check)).isAdmitted, true);
      assert.match(replica.changes[0]!, /^away: /);
      assert.equal(replica.changes[1], 'up: it answers again');
    });
  }
}

for (const [whenDown, admitted] of AWAY) {
  test(`a quota while Redis is killed: ${whenDown}`, { skip }, async () => {
    await using own = await TestRedis.start();
    await using replica = await ReplicaLimits.open(own);
    const { shape: _shape, ...counted } = checkOf({ key: 'away' });
    const period = { per: 'month', zone: 'UTC', name: 'month UTC' } as const;
    const shared = { whenDown, share: 5 };
    const quota = { kind: 'quota', amount: 10, text: '10 a month (UTC)', period, shared } as const;
    const check = { ...counted, ...quota };
    await take(replica, check);

    await own.kill();
    const taken = await Promise.all(Array.from({ length: 40 }, () => take(replica, check)));

    assert.equal(taken.filter(({ isAdmitted }) => isAdmitted).length, admitted);
    assert.deepEqual(new Set(replica.answers.slice(1)), new Set([whenDown]));
  });
}

/** Left of 10/h with two replicas, of which one was taken before, while Redis is away. */
const LEFT_AWAY = { 'local-share': 5, open: 10, closed: 0 } as const;

for (const algorithm of ['window', 'strict'] as const) {
  for (const [whenDown, left] of Object.entries(LEFT_AWAY) as [WhenDown, number][]) {
    test(`a look while Redis is killed: ${whenDown}, ${algorithm}`, { skip }, async () => {
      await using own = await TestRedis.start();
      await using replica = await ReplicaLimits.open(own);
      const check = checkOf({ key: 'look', text: '10/h', shared: { algorithm, whenDown } });
      await take(replica, check);
      assert.equal(await replica.limits.look(check, systemClock.monotonicMs()), 9);

      await own.kill();

      assert.equal(await replica.limits.look(check, systemClock.monotonicMs()), left);
      assert.equal(await replica.limits.look(check, systemClock.monotonicMs()), left);
    });
  }
}

test('a look writes nothing into Redis', { skip }, async () => {
  await using own = await TestRedis.start();
  await using replica = await ReplicaLimits.open(own);
  for (const algorithm of ['window', 'strict'] as const) {
    const check = checkOf({ key: algorithm, shared: { algorithm } });
    await replica.limits.look(check, systemClock.monotonicMs());
  }

  assert.equal((await own.command('DBSIZE')).trim(), '0');
});

test('a quota is kept in Redis until shortly after its period', { skip }, async () => {
  await using own = await TestRedis.start();
  await using replica = await ReplicaLimits.open(own);
  const { shape: _shape, ...counted } = checkOf({ key: 'kept' });
  const period = { per: 'hour', zone: 'UTC', name: 'hour UTC' } as const;
  const shared = { whenDown: 'closed', share: 5 } as const;
  const quota = { kind: 'quota', amount: 10, text: '10 an hour (UTC)', period, shared } as const;
  const { resetMs } = await take(replica, { ...counted, ...quota });

  const keys = (await own.command('KEYS', '*')).trim().split('\n');
  const seconds = Number(await own.command('TTL', keys[0]!.trim()));

  assert.equal(keys.length, 1);
  assert.ok(Math.abs(seconds - resetMs! / 1000 - 60) < 5, `${seconds} s`);
});

test('a Redis that is stopped is waited for no longer than its time', { skip }, async () => {
  await using own = await TestRedis.start();
  await using replica = await ReplicaLimits.open(own);
  const check = checkOf({ key: 'stopped', shared: { whenDown: 'open' } });
  await take(replica, check);
  own.suspend();

  try {
    const first = await Promise.all(Array.from({ length: 20 }, () => take(replica, check)));
    assert.ok(first.every(({ isUncounted }) => isUncounted));
    assert.match(replica.changes.join(), /^away: .*no answer from Redis within 250 ms$/);
  } finally {
    own.resume();
  }
});

/** What Redis says instead of counting. */
const TROUBLE: readonly [what: string, command: readonly string[]][] = [
  ['is out of memory', ['CONFIG', 'SET', 'maxmemory', '1']],
  ['is a replica and takes no writes', ['REPLICAOF', '127.0.0.1', '1']],
];

for (const [what, command] of TROUBLE) {
  test(`a Redis that ${what} is a store that is away`, { skip }, async () => {
    await using own = await TestRedis.start();
    await using replica = await ReplicaLimits.open(own);
    await own.command(...command);

    const taken = await take(replica, checkOf({ key: 'trouble', shared: { whenDown: 'closed' } }));

    assert.equal(taken.isAway, true);
    assert.equal(replica.changes.length, 1);
  });
}

test('tenants whose ids look alike are counted apart', { skip }, async () => {
  await using replica = await ReplicaLimits.open(redis);
  const ids = [
    'acme',
    'ACME',
    'acme ',
    'äcme',
    'a\u0308cme',
    'acme\n',
    'acme\0',
    'ＡＣＭＥ',
    '4:acme',
    'acme}:burst',
    '}{',
    '__proto__',
    'constructor',
    'x'.repeat(10_000),
    `${'x'.repeat(9_999)}y`,
  ];

  for (const id of ids) {
    const check = checkOf({ key: `${id.length}:${id}`, text: '1/m' });
    assert.equal((await take(replica, check)).isAdmitted, true, id.slice(0, 20));
    assert.equal((await take(replica, check)).isAdmitted, false, id.slice(0, 20));
  }
});

interface Wanted {
  readonly key: string;
  readonly text?: string;
  readonly burst?: number;
  readonly shared?: Partial<SharedRate>;
}

function checkOf({ key, text = '10/m', burst, shared }: Wanted): RateCheck {
  const shape = bucketShape(rate(text), burst);
  const share = { ...shape, intervalMs: shape.intervalMs * 2, capacity: shape.capacity / 2 };
  return rateCheck(key, shape, sharedRate({ share, ...shared }));
}

function sharedRate(parts: Partial<SharedRate>): SharedRate {
  const share = bucketShape(rate('10/m'), undefined);
  return { algorithm: 'window', whenDown: 'local-share', share, ...parts };
}

async function take({ limits }: ReplicaLimits, check: Check) {
  return await limits.take(check, systemClock.monotonicMs());
}
