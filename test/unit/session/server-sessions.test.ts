import assert from 'node:assert/strict';
import test from 'node:test';
import { setCookieField } from '../../../src/browser/set-cookie.ts';
import { COOKIE_PREFIX } from '../../../src/plugin/contract.ts';
import type { Session } from '../../../src/plugin/contract.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { viewOf } from '../../support/plugins/plugin-host.ts';
import { MINUTE, person, sessionService, withCookies } from '../../support/sessions/sessions.ts';

test('a session is found by its cookie, in the same turn with the memory store', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const { id, setCookies } = await sessions.open({
    request: viewOf(),
    identity: person(),
    data: { token: 't' },
  });

  const session = sessions.current(withCookies(setCookies)) as Session;

  assert.equal(session.id, id);
  assert.equal(session.identity.subject, 'ada');
  assert.equal(session.identity.session, id);
  assert.deepEqual(session.data, { token: 't' });
});

test('the cookie is short and locked up, however large the session is', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const data = { idToken: 'x'.repeat(64 * 1024) };

  const { setCookies } = await sessions.open({ request: viewOf(), identity: person(), data });
  const field = setCookieField(setCookies[0]!);

  assert.equal(setCookies.length, 1);
  assert.ok(field.length < 200, `${field.length} octets`);
  assert.match(
    field,
    /^__Host-fairlead-corp=[\w-]{43}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
  );
});

test('the store holds no secret that opens a session', async () => {
  const kept = new Map<string, string>();
  const clock = new FakeClock();
  const store = new (class extends MemoryStore {
    override set(key: string, value: string, options: { ttlMs: number }): boolean {
      kept.set(key, value);
      return super.set(key, value, options);
    }
  })(clock);
  const { service } = sessionService(clock, store);

  const { setCookies } = await service
    .forProvider('corp')
    .open({ request: viewOf(), identity: person(), data: null });

  const all = JSON.stringify([...kept]);
  assert.ok(kept.size > 0);
  assert.ok(!all.includes(setCookies[0]!.value));
});

test('a login gets a new id and ends the session it replaces', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const before = await sessions.open({ request: viewOf(), identity: person(), data: null });

  const after = await sessions.open({
    request: viewOf(),
    identity: person(),
    data: null,
    replaces: before.id,
  });

  assert.notEqual(after.id, before.id);
  assert.notEqual(after.setCookies[0]!.value, before.setCookies[0]!.value);
  assert.equal(sessions.current(withCookies(before.setCookies)), undefined);
  assert.equal((sessions.current(withCookies(after.setCookies)) as Session).id, after.id);
});

test('a login that replaces a session does not cut the requests that other tabs have in flight', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const before = await sessions.open({ request: viewOf(), identity: person(), data: null });
  const ended: string[] = [];
  service.onEnded({ ended: (ids) => void ended.push(...ids), gap: () => {} });

  await sessions.open({ request: viewOf(), identity: person(), data: null, replaces: before.id });

  assert.deepEqual(ended, []);
});

test('no cookie, one that is no secret of ours, and one of another provider are no session', async () => {
  const { service } = sessionService();
  const { setCookies } = await service
    .forProvider('corp')
    .open({ request: viewOf(), identity: person(), data: 1 });
  const value = setCookies[0]!.value;
  const brought = (name: string, text: string) => ({
    ...viewOf(),
    cookies: new Map([[COOKIE_PREFIX + name, text]]),
  });

  assert.equal(service.forProvider('corp').current(viewOf()), undefined);
  assert.equal(service.forProvider('corp').current(brought('corp', `${value}x`)), undefined);
  assert.equal(service.forProvider('corp').current(brought('corp', 'a'.repeat(43))), undefined);
  assert.equal(service.forProvider('other').current(brought('other', value)), undefined);
});

test('a session that is not used for the idle limit is over', async () => {
  const { clock, service } = sessionService();
  const sessions = service.forProvider('corp');
  const { setCookies } = await sessions.open({ request: viewOf(), identity: person(), data: null });
  const view = withCookies(setCookies);

  clock.advance(29 * MINUTE);
  const used = sessions.current(view);
  clock.advance(29 * MINUTE);
  const usedAgain = sessions.current(view);
  clock.advance(30 * MINUTE);

  assert.ok(used !== undefined && usedAgain !== undefined);
  assert.equal(sessions.current(view), undefined);
});

test('a session in use is over at its absolute limit', async () => {
  const { clock, service } = sessionService();
  const sessions = service.forProvider('corp');
  const start = clock.now();
  const { setCookies } = await sessions.open({ request: viewOf(), identity: person(), data: null });
  const view = withCookies(setCookies);

  const session = sessions.current(view) as Session;
  for (let i = 0; i < 12 * 60 - 1; i += 1) {
    clock.advance(MINUTE);
    assert.ok(sessions.current(view) !== undefined);
  }
  clock.advance(MINUTE);

  assert.equal(session.identity.expiresAt, start + 12 * 60 * MINUTE);
  assert.equal(sessions.current(view), undefined);
});

test('an identity that ends before its session keeps its own end', async () => {
  const { clock, service } = sessionService();
  const sessions = service.forProvider('corp');
  const expiresAt = clock.now() + MINUTE;
  const { setCookies } = await sessions.open({
    request: viewOf(),
    identity: person('ada', { expiresAt }),
    data: 1,
  });

  const session = sessions.current(withCookies(setCookies)) as Session;

  assert.equal(session.identity.expiresAt, expiresAt);
});

test('concurrent updates are all kept', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const { id, setCookies } = await sessions.open({
    request: viewOf(),
    identity: person(),
    data: 0,
  });

  await Promise.all(
    Array.from({ length: 5 }, () => sessions.update(id, (data) => (data as number) + 1)),
  );

  assert.equal((sessions.current(withCookies(setCookies)) as Session).data, 5);
});

test('an update cannot bring an ended session back', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const { id, setCookies } = await sessions.open({
    request: viewOf(),
    identity: person(),
    data: null,
  });

  const updating = sessions.update(id, () => 'new');
  await sessions.revoke({ session: id });

  await Promise.allSettled([updating]);
  await assert.rejects(
    sessions.update(id, () => 'newer'),
    /the session has ended/,
  );
  assert.equal(sessions.current(withCookies(setCookies)), undefined);
});

test('sessions are ended by subject, issuer and sid, and only those that match all', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const open = (subject: string, issuer: string, sid: string) =>
    sessions.open({
      request: viewOf(),
      identity: person(subject, { issuer, claims: { sid } }),
      data: null,
    });
  const opened = [
    await open('ada', 'https://a.example', 's1'),
    await open('ada', 'https://a.example', 's2'),
    await open('ada', 'https://b.example', 's3'),
    await open('bob', 'https://a.example', 's4'),
  ];
  const alive = () =>
    opened.map(({ setCookies }) => sessions.current(withCookies(setCookies)) !== undefined);

  assert.equal(await sessions.revoke({ sid: 's1', issuer: 'https://b.example' }), 0);
  assert.deepEqual(alive(), [true, true, true, true]);
  assert.equal(await sessions.revoke({ sid: 's1', issuer: 'https://a.example' }), 1);
  assert.deepEqual(alive(), [false, true, true, true]);
  assert.equal(await sessions.revoke({ subject: 'ada', issuer: 'https://a.example' }), 1);
  assert.deepEqual(alive(), [false, false, true, true]);
  assert.equal(await sessions.revoke({ issuer: 'https://a.example' }), 1);
  assert.deepEqual(alive(), [false, false, true, false]);
  assert.equal(await sessions.revoke({ subject: 'ada' }), 1);
  assert.deepEqual(alive(), [false, false, false, false]);
});

test('an empty filter ends nothing', async () => {
  const { service } = sessionService();
  const sessions = service.forProvider('corp');
  const { setCookies } = await sessions.open({ request: viewOf(), identity: person(), data: null });

  await assert.rejects(sessions.revoke({}), TypeError);

  assert.ok(sessions.current(withCookies(setCookies)) !== undefined);
});

test('a provider ends its own sessions only', async () => {
  const { service } = sessionService();
  const { setCookies } = await service
    .forProvider('corp')
    .open({ request: viewOf(), identity: person(), data: 1 });

  assert.equal(await service.forProvider('other').revoke({ subject: 'ada' }), 0);

  assert.ok(service.forProvider('corp').current(withCookies(setCookies)) !== undefined);
});

test('every replica hears at once which sessions ended', async () => {
  const clock = new FakeClock();
  const store = new (class extends MemoryStore {
    override readonly isShared = true;
  })(clock);
  const { service } = sessionService(clock, store);
  const other = sessionService(clock, store).service;
  const heard = new Set<string>();
  const listener = (who: string) => ({
    ended: (ids: readonly string[]) => void heard.add(`${who} ${ids.join()}`),
    gap: () => {},
  });
  service.onEnded(listener('one'));
  other.onEnded(listener('two'));
  const { id } = await service
    .forProvider('corp')
    .open({ request: viewOf(), identity: person(), data: null });

  await other.forProvider('corp').revoke({ subject: 'ada' });

  assert.deepEqual(heard, new Set([`one ${id}`, `two ${id}`]));
});

test('a logout clears the cookie with the attributes it was set with', async () => {
  const { service } = sessionService();

  const fields = service.forProvider('corp').clear(viewOf()).map(setCookieField);

  assert.deepEqual(fields, [
    '__Host-fairlead-corp=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax',
  ]);
});

test('a store that is down rejects: nobody becomes anonymous', async () => {
  const { store, service } = sessionService();
  const sessions = service.forProvider('corp');
  const { id, setCookies } = await sessions.open({
    request: viewOf(),
    identity: person(),
    data: null,
  });
  await store.close();

  const down = { code: 'store_unavailable' };
  await assert.rejects(async () => sessions.current(withCookies(setCookies)), down);
  await assert.rejects(sessions.open({ request: viewOf(), identity: person(), data: null }), down);
  await assert.rejects(
    sessions.update(id, () => null),
    down,
  );
  await assert.rejects(sessions.revoke({ session: id }), down);
});

test('an open stream keeps its session alive, and learns when it is over', async () => {
  const { clock, service } = sessionService();
  const sessions = service.forProvider('corp');
  const { id, setCookies } = await sessions.open({
    request: viewOf(),
    identity: person(),
    data: null,
  });

  for (let i = 0; i < 4; i += 1) {
    clock.advance(20 * MINUTE);
    assert.equal(await sessions.keepAlive(id), true);
  }
  assert.ok(sessions.current(withCookies(setCookies)) !== undefined);
  await sessions.revoke({ session: id });

  assert.equal(await sessions.keepAlive(id), false);
});
