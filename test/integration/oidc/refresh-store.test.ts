import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { Echo } from '../../support/applications/application.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import {
  GATEWAY_ORIGIN,
  GatewaySite,
  startLoginGateway,
} from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';
import { expiredSession } from '../../support/oidc/refresh-scene.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a store that is away while the provider answers costs nobody the new tokens', async () => {
  await using scene = await expiredSession();
  const { cluster, one, provider, view } = scene;
  const before = scene.refreshToken();
  provider.tokenDelayMs = 200;
  one.callMs = 6000;

  const pending = one.authenticate(view);
  await waitUntil('the token request', () => provider.tokenRequests === 1);
  cluster.sessions.isDown = true;
  await pause(600);
  cluster.sessions.isDown = false;
  const result = await pending;

  assert.equal(result.kind, 'identity');
  assert.equal(provider.tokenRequests, 1);
  assert.notEqual(scene.refreshToken(), before);
  assert.equal(cluster.sessions.count, 1);
});

test('new tokens outlast a store that is away for longer than the lease', async () => {
  await using scene = await expiredSession();
  const { cluster, one, provider, view } = scene;
  const before = scene.refreshToken();
  provider.tokenDelayMs = 100;
  one.callMs = 6000;

  const pending = one.authenticate(view);
  await waitUntil('the token request', () => provider.tokenRequests === 1);
  cluster.sessions.isDown = true;
  cluster.offsetMs += 21_000;
  await assert.rejects(async () => pending, /the store is down/);
  cluster.sessions.isDown = false;
  const later = await one.authenticate(view);

  assert.equal(later.kind, 'identity');
  assert.equal(provider.tokenRequests, 1, 'the old token is not sent again');
  assert.notEqual(scene.refreshToken(), before);
});

test('a logout while the store was away counts, and the new tokens are dropped', async () => {
  await using scene = await expiredSession();
  const { cluster, one, provider, view } = scene;
  provider.tokenDelayMs = 100;
  one.callMs = 6000;

  const pending = one.authenticate(view);
  await waitUntil('the token request', () => provider.tokenRequests === 1);
  cluster.sessions.isDown = true;
  await pause(400);
  cluster.sessions.isDown = false;
  await cluster.sessions.of('corp').revoke({ subject: 'alice' });

  assert.equal((await pending).kind, 'pass');
  assert.equal(cluster.sessions.count, 0);
});

test(
  'a Redis that hangs while the provider answers logs nobody out, and gets the new tokens after',
  { skip: NO_REDIS },
  async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await TestRedis.start());
    const application = stack.use(await Application.start());
    const provider = stack.use(await RealProvider.start({ origin: GATEWAY_ORIGIN }));
    const start = async (): Promise<TestGateway> => {
      const gateway = `store: { redis: "${redis.url}" }`;
      const options = { gateway, provider: 'forward: access-token' };
      return stack.use(await startLoginGateway(application, provider, options));
    };
    const browser = new TestBrowser(new GatewaySite(await start()), GATEWAY_ORIGIN);
    provider.accessTokenSeconds = 1;
    const login = await browser.open('/');
    assert.equal(login.status, 200, login.body);
    await pause(1100);
    provider.accessTokenSeconds = 3600;
    provider.tokenDelayMs = 1500;
    provider.requests.length = 0;

    const outlasted = browser.open('/');
    await waitUntil('the token request', () => provider.tokenRequests === 1);
    redis.suspend();
    await pause(3000);
    redis.resume();
    await outlasted;
    let after = await browser.open('/');
    for (let i = 0; i < 50 && after.status === 503; i += 1) {
      await pause(100);
      after = await browser.open('/');
    }
    const replica = new TestBrowser(new GatewaySite(await start()), GATEWAY_ORIGIN);
    for (const [name, stored] of browser.cookies) replica.cookies.set(name, stored);
    const elsewhere = await replica.open('/');

    assert.deepEqual([after.status, after.trail.length], [200, 1], after.body);
    assert.deepEqual([elsewhere.status, elsewhere.trail.length], [200, 1], elsewhere.body);
    assert.equal(provider.tokenRequests, 1);
    assert.notEqual(tokenOf(after.body), tokenOf(login.body));
    assert.equal(tokenOf(elsewhere.body), tokenOf(after.body), 'the store has the new tokens');
  },
);

function tokenOf(body: string): string {
  const { headers } = JSON.parse(body) as Echo;
  return headers[headers.findIndex((name) => name.toLowerCase() === 'authorization') + 1] ?? '';
}
