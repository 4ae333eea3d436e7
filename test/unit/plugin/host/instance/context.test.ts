import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext } from '../../../../../src/plugin/host/instance/context.ts';
import { MemoryStore } from '../../../../support/plugins/plugin-store.ts';
import { SingleFlight } from '../../../../support/plugins/plugin-flight.ts';
import { FakeClock } from '../../../../support/fakes/fake-clock.ts';
import { recordedCapabilities, turns, viewOf } from '../../../../support/plugins/plugin-host.ts';

test('logs and counts under the name of the provider', () => {
  const capabilities = recordedCapabilities();
  const context = createContext('api', capabilities, new AbortController().signal);

  context.log.warn('hello', { a: 1 });
  context.metrics.count('jwks.fetches');

  assert.deepEqual(capabilities.lines, ['api warn hello {"a":1}']);
  assert.deepEqual(capabilities.counts, ['api jwks.fetches 1']);
});

test('what is shared is shared by the instances of one provider, and not by two providers', async () => {
  const capabilities = recordedCapabilities();
  const { signal } = new AbortController();
  const before = createContext('corp', capabilities, signal);
  const after = createContext('corp', capabilities, signal);
  const other = createContext('other', capabilities, signal);
  await before.store.set('a', '1', { ttlMs: 1000 });
  const identity = { subject: 's', issuer: 'i', method: 'm', authenticatedAt: 0, claims: {} };
  const { id } = await before.sessions.open({ request: viewOf(), identity, data: null });

  assert.deepEqual([await after.store.get('a'), await other.store.get('a')], ['1', undefined]);
  assert.equal(await other.sessions.revoke({ session: id }), 0);
  assert.equal(await after.sessions.revoke({ session: id }), 1);
});

test('closing the instance aborts its fetches', async () => {
  const closing = new AbortController();
  const signals: (AbortSignal | null | undefined)[] = [];
  const capabilities = recordedCapabilities(new FakeClock(), (_input, init) => {
    signals.push(init?.signal);
    return Promise.resolve(new Response());
  });
  const context = createContext('api', capabilities, closing.signal);
  await context.fetch('https://a.example/', { signal: new AbortController().signal });

  closing.abort();

  assert.equal(signals[0]?.aborted, true);
});

test('the store keeps a value for its time', async () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  await store.set('a', '1', { ttlMs: 1000 });

  clock.advance(999);
  const before = await store.get('a');
  clock.advance(1);

  assert.equal(before, '1');
  assert.equal(await store.get('a'), undefined);
});

test('the store sets once when asked to set only if absent', async () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);

  const first = await store.set('jti', '1', { ttlMs: 1000, ifAbsent: true });
  const replay = await store.set('jti', '1', { ttlMs: 1000, ifAbsent: true });
  clock.advance(1000);
  const later = await store.set('jti', '1', { ttlMs: 1000, ifAbsent: true });

  assert.deepEqual([first, replay, later], [true, false, true]);
});

test('a full store refuses rather than forget, until something runs out', async () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock, 2);
  await store.set('a', '1', { ttlMs: 1000 });
  await store.set('b', '1', { ttlMs: 5000 });

  await assert.rejects(store.set('c', '1', { ttlMs: 1000 }), /the store is full/);
  clock.advance(1000);

  assert.equal(await store.set('c', '1', { ttlMs: 1000 }), true);
  assert.equal(await store.get('b'), '1');
});

test('a single flight is shared by all who ask while it runs', async () => {
  const flights = new SingleFlight(new FakeClock());
  let runs = 0;
  const work = async (): Promise<number> => {
    runs += 1;
    return runs;
  };

  const together = await Promise.all([flights.run('k', 1000, work), flights.run('k', 1000, work)]);
  const afterwards = await flights.run('k', 1000, work);

  assert.deepEqual(together, [1, 1]);
  assert.equal(afterwards, 2);
});

test('a single flight that outlives its lease is aborted, and the next one starts anew', async () => {
  const clock = new FakeClock();
  const flights = new SingleFlight(clock);
  const signals: AbortSignal[] = [];
  const work = (signal: AbortSignal): Promise<void> => {
    signals.push(signal);
    return new Promise(() => {});
  };
  void flights.run('k', 1000, work);
  await turns();

  clock.advance(1000);
  void flights.run('k', 1000, work);
  await turns();

  assert.deepEqual(
    signals.map((signal) => signal.aborted),
    [true, false],
  );
});
