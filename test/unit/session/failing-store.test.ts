import assert from 'node:assert/strict';
import test from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import type { SessionSettings } from '../../../src/session/provider-sessions.ts';
import { FailingStore } from '../../support/fakes/failing-store.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { viewOf } from '../../support/plugins/plugin-host.ts';
import { MINUTE, person, sessionService, withCookies } from '../../support/sessions/sessions.ts';

/** Two replicas over one store, and what each of them hears of ended sessions. */
function replicas(settings?: SessionSettings) {
  const clock = new FakeClock();
  const store = new FailingStore(clock);
  const heard: string[] = [];
  const start = (who: string) => {
    const { service } = sessionService(clock, store, settings);
    service.onEnded({
      ended: (ids) => heard.push(...ids.map((id) => `${who} ${id}`)),
      gap: () => {},
    });
    return service.forProvider('corp');
  };
  return { store, heard, one: start('one'), two: start('two') };
}

const down = { code: 'store_unavailable' };

test('of many sessions, those that ended before the store failed are announced, the others later', async () => {
  const { store, heard, one } = replicas();
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1)
    ids.push((await one.open({ request: viewOf(), identity: person(), data: i })).id);
  store.fails = (operation, key) => operation === 'delete' && key.endsWith(ids[1]!);

  await assert.rejects(one.revoke({ subject: 'ada' }), down);
  const first = new Set(heard);
  store.fails = () => false;
  const ended = await one.revoke({ subject: 'ada' });

  const [a, b, c] = ids;
  assert.deepEqual(first, new Set([`one ${a}`, `two ${a}`, `one ${c}`, `two ${c}`]));
  assert.equal(ended, 1);
  assert.ok(heard.includes(`one ${b}`) && heard.includes(`two ${b}`));
});

test('word that could not be passed on is passed on when the logout is tried again', async () => {
  const { store, heard, one } = replicas();
  const { id } = await one.open({ request: viewOf(), identity: person(), data: null });
  store.fails = (operation) => operation === 'publish';

  await assert.rejects(one.revoke({ subject: 'ada' }), down);
  const first = [...heard];
  store.fails = () => false;
  const ended = await one.revoke({ subject: 'ada' });

  assert.deepEqual(first, [`one ${id}`], 'here at once');
  assert.equal(ended, 0, 'the session itself had ended');
  assert.ok(heard.includes(`two ${id}`));
});

test('a session that is not meant is announced to nobody', async () => {
  const { heard, one } = replicas();
  await one.open({
    request: viewOf(),
    identity: person('ada', { claims: { sid: 's1' } }),
    data: null,
  });

  assert.equal(await one.revoke({ sid: 's1', subject: 'bob' }), 0);

  assert.deepEqual(heard, []);
});

test('a session in a cookie that could not be ended is found when the logout is tried again', async () => {
  const keys = [new Secret('0123456789abcdef'.repeat(4))];
  const limits = { idleMs: 30 * MINUTE, absoluteMs: 12 * 60 * MINUTE };
  const { store, heard, one } = replicas({ ...limits, store: 'cookie', keys });
  const { setCookies } = await one.open({ request: viewOf(), identity: person(), data: null });
  store.fails = (operation) => operation === 'set';

  await assert.rejects(one.revoke({ subject: 'ada' }), down);
  store.fails = () => false;
  const ended = await one.revoke({ subject: 'ada' });

  assert.equal(ended, 1);
  assert.equal(await one.current(withCookies(setCookies)), undefined);
  assert.equal(new Set(heard).size, 2);
});
