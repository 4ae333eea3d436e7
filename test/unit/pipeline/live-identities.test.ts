import assert from 'node:assert/strict';
import test from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { Exchange } from '../../../src/pipeline/exchange.ts';
import { LiveIdentities } from '../../../src/pipeline/live-identities.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { turns } from '../../support/plugins/plugin-host.ts';

function harness(keepAlive: (session: string) => Promise<boolean> = () => Promise.resolve(true)) {
  const clock = new FakeClock();
  const ended: string[] = [];
  const asked: string[] = [];
  const live = new LiveIdentities({
    clock,
    keepAlive: (provider, session) => {
      asked.push(`${provider} ${session}`);
      return keepAlive(session);
    },
    end: (exchange, error) => {
      ended.push(`${exchange.id} ${error.code} ${error.message}`);
      exchange.release();
    },
  });
  return { clock, ended, asked, live };
}

function exchange(id: string, clock: FakeClock): Exchange {
  return new Exchange({ id, clock, request: {}, sink: {}, policy: {} } as never);
}

test('a stream ends when its identity expires', () => {
  const { clock, ended, live } = harness();
  const expiresAt = clock.now() + 5000;
  live.watch(exchange('one', clock), { provider: 'api', expiresAt });

  clock.advance(4999);
  assert.deepEqual(ended, []);
  clock.advance(DEADLINES.identitySweepMs);

  assert.deepEqual(ended, ['one identity_ended its identity has expired']);
});

test('the end of a session ends all of its streams, and no others', () => {
  const { clock, ended, live } = harness();
  for (const id of ['one', 'two']) live.watch(exchange(id, clock), corp('s1'));
  live.watch(exchange('three', clock), corp('s2'));

  live.ended(['s1', 'unknown']);

  assert.deepEqual(ended, [
    'one identity_ended its session was ended',
    'two identity_ended its session was ended',
  ]);
});

test('a stream whose session ended unheard is found', async () => {
  const { clock, ended, live } = harness((session) => Promise.resolve(session !== 's1'));
  live.watch(exchange('one', clock), corp('s1'));
  live.watch(exchange('two', clock), corp('s2'));

  clock.advance(DEADLINES.sessionCheckMs + DEADLINES.identitySweepMs);
  await turns();

  assert.deepEqual(ended, ['one identity_ended its session was ended']);
});

test('word that may have been missed is looked up at once', async () => {
  const { clock, ended, live } = harness(() => Promise.resolve(false));
  live.watch(exchange('one', clock), corp('s1'));

  live.gap();
  await turns();

  assert.deepEqual(ended, ['one identity_ended its session was ended']);
});

test('a store that is down ends nothing', async () => {
  const { clock, ended, asked, live } = harness(() => Promise.reject(new Error('down')));
  live.watch(exchange('one', clock), corp('s1'));

  live.gap();
  await turns();

  assert.deepEqual(asked, ['corp s1']);
  assert.deepEqual(ended, []);
});

test('a session that nobody can tell about hides no other that ended', async () => {
  const { clock, ended, live } = harness((session) =>
    session === 'lost' ? Promise.reject(new Error('down')) : Promise.resolve(false),
  );
  live.watch(exchange('one', clock), corp('lost'));
  live.watch(exchange('two', clock), corp('s2'));
  live.watch(exchange('three', clock), { provider: 'other', session: 's3' });

  live.gap();
  await turns();

  assert.deepEqual(ended.toSorted(), [
    'three identity_ended its session was ended',
    'two identity_ended its session was ended',
  ]);
});

test('a provider that does not answer holds up the sessions of no other', async () => {
  const { clock, ended, live } = harness((session) =>
    session === 'slow' ? new Promise(() => {}) : Promise.resolve(false),
  );
  live.watch(exchange('one', clock), { provider: 'slow', session: 'slow' });
  live.watch(exchange('two', clock), corp('s2'));

  live.gap();
  await turns();

  assert.deepEqual(ended, ['two identity_ended its session was ended']);
});

test('finished exchanges are forgotten, and the tick stops', () => {
  const { clock, live } = harness();
  const one = exchange('one', clock);
  live.watch(one, corp('s1'));

  one.release();
  clock.advance(DEADLINES.identitySweepMs);

  assert.equal(clock.pendingCount, 0);
});

function corp(session: string) {
  return { provider: 'corp', session };
}

test('a request whose session ended while it was authenticated is not let in', () => {
  const { clock, ended, live } = harness();
  live.ended(['s1']);

  const isWatched = live.watch(exchange('late', clock), corp('s1'));
  live.watch(exchange('other', clock), corp('s2'));

  assert.equal(isWatched, false);
  assert.deepEqual(ended, ['late identity_ended its session was ended']);
});
