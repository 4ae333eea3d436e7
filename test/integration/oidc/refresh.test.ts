import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';
import { HOUR_MS, expiredSession, kinds } from '../../support/oidc/refresh-scene.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

test('an access token that is over is renewed, and the rotated refresh token is kept', async () => {
  await using scene = await expiredSession();
  const before = scene.refreshToken();

  const result = await scene.one.authenticate(scene.view);

  assert.equal(result.kind, 'identity');
  assert.equal(scene.provider.tokenRequests, 1);
  assert.notEqual(scene.refreshToken(), before);
  assert.ok(!(scene.one.authenticate(scene.view) instanceof Promise), 'fresh again');
});

test('100 requests at expiry on two replicas with a slow provider: one token request', async () => {
  await using scene = await expiredSession();
  scene.provider.tokenDelayMs = 400;

  const results = await Promise.all(
    Array.from({ length: 100 }, async (_, i) =>
      (i % 2 === 0 ? scene.one : scene.two).authenticate(scene.view),
    ),
  );

  assert.deepEqual(kinds(results), ['identity']);
  assert.equal(scene.provider.tokenRequests, 1);
  assert.equal(scene.cluster.sessions.count, 1);
});

test('a provider slower than a call may take holds nobody up, and is asked once', async () => {
  await using scene = await expiredSession();
  scene.provider.tokenDelayMs = 600;
  scene.one.callMs = 200;
  const before = scene.refreshToken();

  const first = await scene.one.authenticate(scene.view);
  const second = await scene.one.authenticate(scene.view);
  scene.one.callMs = 5000;
  const third = await scene.one.authenticate(scene.view);

  assert.deepEqual(kinds([first, second, third]), ['identity']);
  assert.equal(scene.provider.tokenRequests, 1);
  assert.notEqual(scene.refreshToken(), before);
});

test('invalid_grant ends the session', async () => {
  await using scene = await expiredSession();
  const { refreshToken } = scene;
  const body = new URLSearchParams({ token: refreshToken()!, client_id: 'web' });
  const authorization = `Basic ${btoa('web:a-secret-of-the-tests-0123456789')}`;
  await fetch(`${scene.provider.url}/token/revocation`, {
    method: 'POST',
    headers: { authorization },
    body,
  });

  const result = await scene.one.authenticate(scene.view);

  assert.equal(result.kind, 'pass');
  assert.equal(scene.cluster.sessions.count, 0);
});

test('a provider out of reach leaves the session, and is asked again after a while', async () => {
  await using scene = await expiredSession();
  scene.provider.failing = { path: /^\/token/, status: 503 };

  const down = await scene.one.authenticate(scene.view);
  const meanwhile = await scene.two.authenticate(scene.view);
  const asked = scene.provider.tokenRequests;
  scene.provider.failing = undefined;
  scene.cluster.offsetMs += 31_000;
  const later = await scene.one.authenticate(scene.view);

  assert.deepEqual(kinds([down, meanwhile, later]), ['identity']);
  assert.equal(asked, 1);
  assert.equal(scene.provider.tokenRequests, 2);
  assert.equal(scene.cluster.sessions.count, 1);
});

test('a connection that breaks is out of reach, too', async () => {
  await using scene = await expiredSession();
  const { fetch } = scene.cluster;
  scene.cluster.fetch = (input, init) =>
    String(input).endsWith('/token')
      ? Promise.reject(new TypeError('fetch failed'))
      : fetch(input, init);

  assert.equal((await scene.one.authenticate(scene.view)).kind, 'identity');
  assert.equal(scene.cluster.sessions.count, 1);
});

test('without a refresh token the session runs to its own limits', async () => {
  await using provider = await RealProvider.start({
    client: { grant_types: ['authorization_code'] },
  });
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');
  replica.cluster.offsetMs = 10 * HOUR_MS;

  const shown = await browser.open('/');

  assert.equal(shown.body, 'hello alice');
  assert.equal(provider.tokenRequests, 1);
});

test('a logout while the tokens are renewed is a logout', async () => {
  await using scene = await expiredSession();
  scene.provider.tokenDelayMs = 100;

  const pending = scene.one.authenticate(scene.view);
  await waitUntil('the token request', () => scene.provider.tokenRequests === 1);
  await scene.cluster.sessions.of('corp').revoke({ subject: 'alice' });

  assert.equal((await pending).kind, 'pass');
  assert.equal(scene.cluster.sessions.count, 0);
});

test('a session service that is down is no logout and no pass', async () => {
  await using scene = await expiredSession();
  scene.cluster.sessions.isDown = true;

  await assert.rejects(async () => scene.one.authenticate(scene.view), /the store is down/);

  scene.cluster.sessions.isDown = false;
  assert.equal((await scene.one.authenticate(scene.view)).kind, 'identity');
});
