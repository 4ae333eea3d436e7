import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { ConnectionLife } from '../../../../src/core/connection-life.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { ConnectionPlaces } from '../../../../src/evaluate/limit/connection-places.ts';
import { Limiter } from '../../../../src/evaluate/limit/limiter.ts';
import type { LimitStore } from '../../../../src/evaluate/limit/limit-store.ts';
import { MemoryLimits } from '../../../../src/evaluate/limit/memory-limits.ts';
import { requestChecks } from '../../../../src/evaluate/limit/request-checks.ts';
import { tenantLimits } from '../../../../src/policy/compile/compile-limits.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { LateLimits } from '../../../support/fakes/late-limits.ts';
import { rate, rule } from '../../../support/policy/policy.ts';

class Connection extends EventEmitter implements ConnectionLife {
  isOver = false;

  onEnd(listener: () => void): void {
    this.once('end', listener);
  }

  close(): void {
    this.isOver = true;
    this.emit('end');
  }
}

type Written = Parameters<typeof tenantLimits>[1];

/** Requests of tenants whose tier has these limits: what each is answered, `in` where it may go on. */
function scene(written: Written, store?: LimitStore) {
  const limited: string[] = [];
  const limiter = new Limiter({
    clock: new FakeClock(),
    onLimited: (name, mode) => void limited.push(`${name} ${mode}`),
    ...(store !== undefined && { store }),
  });
  const limits = tenantLimits('tiers.free', written);
  const ask = async (connection: ConnectionLife | undefined, id = 'acme') => {
    const checks = requestChecks(rule({}), { id, kind: 'claim', limits }, connection);
    const outcome = await limiter.admit(checks);
    if (isRefusal(outcome)) return outcome;
    // The request is over; its connection is not.
    outcome[Symbol.dispose]();
    return 'in';
  };
  return { ask, limited };
}

for (const [name, store] of [
  ['memory', () => new MemoryLimits(new FakeClock())],
  ['a store that answers later', () => new LateLimits(new FakeClock())],
] as const) {
  test(`${name}: a tenant has as many connections, each counted once until it closes`, async () => {
    const { ask } = scene({ connections: 2 }, store());
    const [one, two, three] = [new Connection(), new Connection(), new Connection()];

    for (let i = 0; i < 5; i += 1) assert.equal(await ask(one), 'in');
    assert.equal(await ask(two), 'in');
    const refused = await ask(three);
    assert.ok(isRefusal(refused));
    assert.equal(refused.code, 'too_many_connections');
    assert.equal(refused.status, 429);
    assert.equal(refused.closeConnection, true);
    assert.deepEqual(refused.members, { limit: 'tiers.free.connections' });
    assert.deepEqual(refused.limits, [
      { name: 'tiers.free.connections', amount: '2 connections', left: 0, waitMs: 0 },
    ]);

    one.close();
    assert.equal(await ask(three), 'in');
    assert.ok(isRefusal(await ask(new Connection())));
  });

  test(`${name}: streams that come together count their connection once`, async () => {
    const { ask } = scene({ connections: 1 }, store());
    const one = new Connection();

    assert.deepEqual(await Promise.all([ask(one), ask(one), ask(one)]), ['in', 'in', 'in']);
    one.close();
    assert.equal(await ask(new Connection()), 'in');
    assert.ok(isRefusal(await ask(new Connection())));
  });

  test(`${name}: each tenant on a connection counts it for itself`, async () => {
    const { ask } = scene({ connections: 1 }, store());
    const one = new Connection();

    assert.equal(await ask(one, 'acme'), 'in');
    assert.equal(await ask(one, 'other'), 'in');
    assert.ok(isRefusal(await ask(new Connection(), 'other')));
  });
}

test('a connection that closes while the store is asked holds no place', async () => {
  const { ask } = scene({ connections: 1 }, new LateLimits(new FakeClock()));
  const one = new Connection();

  const asked = ask(one);
  one.close();
  await asked;

  assert.equal(await ask(new Connection()), 'in');
});

test('a request that another limit refuses keeps the place of its connection', async () => {
  const { ask } = scene({ connections: 1, rate: rate('1/h') });
  const one = new Connection();
  assert.equal(await ask(one), 'in');

  const limited = await ask(one);
  const tooMany = await ask(new Connection());

  assert.ok(isRefusal(limited) && limited.code === 'rate_limited');
  assert.ok(isRefusal(tooMany) && tooMany.code === 'too_many_connections');
});

test('in shadow mode a connection too many is told and let in', async () => {
  const { ask, limited } = scene({ connections: 1, mode: 'shadow' });

  assert.equal(await ask(new Connection()), 'in');
  assert.equal(await ask(new Connection()), 'in');

  assert.deepEqual(limited, ['tiers.free.connections shadow']);
});

test('a described request counts for as long as it lasts', async () => {
  const { ask } = scene({ connections: 1 });

  assert.equal(await ask(undefined), 'in');
  assert.equal(await ask(undefined), 'in');
});

test('a connection of very many tenants is counted for the last thousand', async () => {
  const memory = new MemoryLimits(new FakeClock());
  const { ask } = scene({ connections: 1 }, memory);
  const proxy = new Connection();

  for (let i = 0; i < 1_001; i += 1) assert.equal(await ask(proxy, `tenant-${i}`), 'in');

  assert.equal(await ask(new Connection(), 'tenant-0'), 'in');
  assert.ok(isRefusal(await ask(new Connection(), 'tenant-1')));
  proxy.close();
  assert.equal(await ask(new Connection(), 'tenant-1000'), 'in');
});

test('what is no place of a connection goes to the store as it is', () => {
  const memory = new MemoryLimits(new FakeClock());
  const places = new ConnectionPlaces(memory);
  const [check] = requestChecks(rule({}), {
    id: 'acme',
    kind: 'claim',
    limits: tenantLimits('tiers.free', { concurrent: 1 }),
  });

  const taken = places.take(check!, 0);
  assert.ok(!(taken instanceof Promise) && taken.isAdmitted);
  places.undo(check!, taken);

  assert.deepEqual(places.take(check!, 0), taken);
});
