import assert from 'node:assert/strict';
import test from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { LeasedFlight } from '../../../src/store/leased-flight.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { turns } from '../../support/plugins/plugin-host.ts';

function replicas() {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  const flight = () => new LeasedFlight({ clock, store }, 'corp');
  return { clock, store, one: flight(), two: flight() };
}

test('callers of one process share one run', async () => {
  const { one } = replicas();
  let runs = 0;

  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () => one.run('k', 10_000, async () => (runs += 1))),
  );

  assert.equal(runs, 1);
  assert.deepEqual(new Set(outcomes), new Set([1]));
});

test('another replica works only when the first has ended', async () => {
  const { clock, one, two } = replicas();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const running = one.run('k', 10_000, async () => {
    order.push('one begins');
    await first.promise;
    order.push('one ends');
  });
  await turns();
  const waiting = two.run('k', 10_000, async () => void order.push('two'));
  await turns();

  // Longer than an unrenewed lease: the holder renews it.
  for (let i = 0; i < 8; i += 1) {
    clock.advance(DEADLINES.leaseRenewMs);
    await turns();
  }
  assert.deepEqual(order, ['one begins']);
  first.resolve();
  await running;
  clock.advance(DEADLINES.leasePollMs);
  await waiting;

  assert.deepEqual(order, ['one begins', 'one ends', 'two']);
});

test('a lease that cannot be renewed aborts the work', async () => {
  const { clock, store, one } = replicas();
  const run = one.run('k', 60_000, (signal) => untilAborted(signal));
  await turns();

  await store.close();
  clock.advance(DEADLINES.leaseRenewMs);

  await assert.rejects(run, /lease of this single flight was lost/);
});

test('a lease nobody renews is free after its time', async () => {
  const { clock, store, one } = replicas();
  store.set('lease:4:corp1:k', 'a replica that died', { ttlMs: DEADLINES.leaseMs });
  const run = one.run('k', 60_000, async () => 'mine');
  await turns();

  for (let passed = 0; passed < DEADLINES.leaseMs; passed += DEADLINES.leasePollMs) {
    clock.advance(DEADLINES.leasePollMs);
    await turns();
  }

  assert.equal(await run, 'mine');
});

test('work that runs out of time is aborted and gives the lease back', async () => {
  const { clock, one, two } = replicas();
  const run = one.run('k', 2000, (signal) => untilAborted(signal));
  await turns();

  clock.advance(2000);
  await assert.rejects(run, { name: 'TimeoutError' });

  assert.equal(await two.run('k', 2000, async () => 'next'), 'next');
});

test('a replica that waits in vain gives up when its time is over', async () => {
  const { clock, one, two } = replicas();
  void one.run('k', 60_000, (signal) => untilAborted(signal)).catch(() => {});
  await turns();
  const waiting = assert.rejects(
    two.run('k', 2000, async () => 'never'),
    { name: 'TimeoutError' },
  );
  await turns();

  clock.advance(2000);

  await waiting;
});

test('a store that is away rejects instead of letting two run', async () => {
  const { store, one } = replicas();
  await store.close();

  await assert.rejects(
    one.run('k', 2000, async () => 'never'),
    { code: 'store_unavailable' },
  );
});

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
