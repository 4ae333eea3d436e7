import assert from 'node:assert/strict';
import test from 'node:test';
import { setCookieField } from '../../../src/browser/set-cookie.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Cookie, RequestView } from '../../../src/plugin/contract.ts';
import type { SessionSettings } from '../../../src/session/provider-sessions.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { viewOf } from '../../support/plugins/plugin-host.ts';
import { MINUTE, person, sessionService, withCookies } from '../../support/sessions/sessions.ts';

const OLD = new Secret('old-'.repeat(16));
const NEW = new Secret('new-'.repeat(16));

function settings(keys: readonly Secret[] = [NEW]): SessionSettings {
  return { store: 'cookie', idleMs: 30 * MINUTE, absoluteMs: 12 * 60 * MINUTE, keys };
}

function cookieService(keys?: readonly Secret[], clock = new FakeClock()) {
  const { service } = sessionService(clock, undefined, settings(keys));
  return { clock, sessions: service.forProvider('corp') };
}

async function opened(sessions = cookieService().sessions, data: unknown = { token: 'hush' }) {
  return sessions.open({ request: viewOf(), identity: person(), data: data as never });
}

test('a session lives in its cookie, sealed, on any replica with the key', async () => {
  const { clock, sessions } = cookieService();
  const { id, setCookies } = await opened(sessions);
  const replica = cookieService([NEW], clock).sessions;

  const session = await replica.current(withCookies(setCookies));

  assert.equal(session?.id, id);
  assert.deepEqual(session?.data, { token: 'hush' });
  assert.equal(session?.identity.session, id);
  assert.ok(!JSON.stringify(setCookies).includes('hush'));
  assert.match(setCookieField(setCookies[0]!), /^__Host-fairlead-corp\.s0=1ey.*; Max-Age=43200; /);
});

test('keys rotate: the newest seals, older ones still open, dropped ones do not', async () => {
  const clock = new FakeClock();
  const { setCookies } = await opened(cookieService([OLD], clock).sessions);
  const view = withCookies(setCookies);

  const rotated = await cookieService([NEW, OLD], clock).sessions.current(view);
  const dropped = await cookieService([NEW], clock).sessions.current(view);

  assert.ok(rotated !== undefined);
  assert.equal(dropped, undefined);
});

test('a cookie that was changed, cut or mixed is no session', async () => {
  const { sessions } = cookieService();
  const { setCookies } = await opened(sessions, 'x'.repeat(6000));
  assert.equal(setCookies.length, 3);
  const other = await opened(sessions, 'y'.repeat(6000));
  const changed = (at: number, value: string): RequestView =>
    withCookies(setCookies.map((each, index) => (index === at ? { ...each, value } : each)));
  const flipped = setCookies[1]!.value.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));

  assert.ok((await sessions.current(withCookies(setCookies))) !== undefined);
  assert.equal(await sessions.current(changed(1, flipped)), undefined);
  assert.equal(await sessions.current(changed(1, other.setCookies[1]!.value)), undefined);
  assert.equal(await sessions.current(withCookies(setCookies.slice(0, 2))), undefined);
  assert.equal(await sessions.current(withCookies(setCookies.slice(1))), undefined);
  assert.equal(await sessions.current(changed(0, `9${setCookies[0]!.value.slice(1)}`)), undefined);
  assert.equal(await sessions.current(changed(0, 'not a session')), undefined);
});

test('a session of one provider is none of another', async () => {
  const { service } = sessionService(new FakeClock(), undefined, settings());
  const { setCookies } = await opened(service.forProvider('corp'));
  const renamed = setCookies.map((each) => ({ ...each, name: each.name.replace('corp', 'other') }));

  assert.equal(await service.forProvider('other').current(withCookies(renamed)), undefined);
});

test('each cookie stays below 4096 octets, and a session that needs too many is refused', async () => {
  const { sessions } = cookieService();
  const { setCookies } = await opened(sessions, 'x'.repeat(10_000));

  assert.ok(setCookies.length <= 4);
  for (const cookie of setCookies) assert.ok(setCookieField(cookie).length < 4096);
  await assert.rejects(
    opened(sessions, 'x'.repeat(20_000)),
    /set gateway.sessions.store to server/,
  );
});

test('what a longer session left behind does no harm', async () => {
  const { sessions } = cookieService();
  const long = await opened(sessions, 'x'.repeat(6000));
  const short = await opened(sessions, 'short');

  const session = await sessions.current(
    withCookies([...short.setCookies, ...long.setCookies.slice(1)]),
  );

  assert.equal(session?.data, 'short');
});

test('use renews the cookie, and without use the session is over at the idle limit', async () => {
  const { clock, sessions } = cookieService();
  const { setCookies } = await opened(sessions);
  let cookies: readonly Cookie[] = setCookies;
  const use = async (): Promise<boolean> => {
    const view = withCookies(cookies);
    const session = await sessions.current(view);
    const renewed = sessions.renewal(view);
    if (renewed.length > 0) cookies = renewed;
    return session !== undefined;
  };

  assert.equal(await use(), true);
  assert.equal(cookies, setCookies);
  clock.advance(20 * MINUTE);
  assert.equal(await use(), true);
  clock.advance(20 * MINUTE);
  assert.equal(await use(), true);
  clock.advance(30 * MINUTE);
  assert.equal(await use(), false);
});

test('use does not carry a session beyond its absolute limit', async () => {
  const { clock, sessions } = cookieService();
  let { setCookies: cookies } = await opened(sessions);
  for (let passed = 0; passed < 12 * 60; passed += 20) {
    const view = withCookies(cookies);
    assert.ok((await sessions.current(view)) !== undefined);
    cookies = sessions.renewal(view).length > 0 ? sessions.renewal(view) : cookies;
    clock.advance(20 * MINUTE);
  }

  assert.equal(await sessions.current(withCookies(cookies)), undefined);
});

test('a request with the cookie of before an update sees the update', async () => {
  const { sessions } = cookieService();
  const { id, setCookies } = await opened(sessions, 1);
  const view = withCookies(setCookies);
  await sessions.current(view);
  const updated = await sessions.update(id, (data) => (data as number) + 1);

  const late = await sessions.current(view);
  const renewed = await sessions.current(withCookies(sessions.renewal(view)));
  const fresh = await sessions.current(withCookies(updated.setCookies));

  assert.deepEqual([late?.data, renewed?.data, fresh?.data], [2, 2, 2]);
});

test('a logout ends the session here, and clears every cookie that was brought', async () => {
  const { sessions } = cookieService();
  const { id, setCookies } = await opened(sessions, 'x'.repeat(6000));
  const view = withCookies(setCookies);

  assert.equal(await sessions.revoke({ session: id }), 1);

  assert.equal(await sessions.current(view), undefined);
  assert.equal(await sessions.keepAlive(id), false);
  await assert.rejects(sessions.update(id, () => null));
  assert.deepEqual(
    sessions.clear(view).map(({ name, value, maxAgeSeconds }) => [name, value, maxAgeSeconds]),
    [
      ['corp.s0', '', 0],
      ['corp.s1', '', 0],
      ['corp.s2', '', 0],
    ],
  );
});

test('a header that names another algorithm, or compression, opens nothing', async () => {
  const { sessions } = cookieService();
  const { setCookies } = await opened(sessions);
  const [, ...rest] = setCookies[0]!.value.slice(1).split('.');
  const headers = [
    { alg: 'none' },
    { alg: 'dir', enc: 'A256GCM' },
    { alg: 'dir', enc: 'A256GCM', kid: 'x' },
    { alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 1, p2s: 'a' },
  ];
  for (const header of headers) {
    const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
    const value = `1${[encoded, ...rest].join('.')}`;

    assert.equal(await sessions.current(withCookies([{ name: 'corp.s0', value }])), undefined);
  }
});
