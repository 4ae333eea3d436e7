import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import {
  GATEWAY_ORIGIN,
  GatewaySite,
  startLoginGateway,
} from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const SESSIONS = `sessions: { store: cookie, keys: ["${'0123456789abcdef'.repeat(4)}"] }`;
const SLOW_MS = 900;

/**
 * A person whose session is in cookies asked when the access token was over, and the refresh took longer
 * than the call: the page came without new cookies.
 */
async function outlastedRefresh({ redis }: { readonly redis?: string } = {}) {
  const stack = new AsyncDisposableStack();
  const application = stack.use(await Application.start());
  const provider = stack.use(await RealProvider.start({ origin: GATEWAY_ORIGIN }));
  const start = async (timeout: string): Promise<TestGateway> => {
    const store = redis === undefined ? '' : `store: { redis: "${redis}" }`;
    const options = { gateway: `${SESSIONS}\n${store}`, provider: `timeout: ${timeout}` };
    return stack.use(await startLoginGateway(application, provider, options));
  };
  const first = new GatewaySite(await start('400ms'));
  const browser = new TestBrowser(first, GATEWAY_ORIGIN);
  provider.accessTokenSeconds = 1;
  assert.equal((await browser.open('/')).status, 200);
  const loggedInAt = performance.now();
  await waitUntil('the access token is over', () => performance.now() - loggedInAt > 1100);
  provider.accessTokenSeconds = 3600;
  provider.tokenDelayMs = SLOW_MS;
  provider.requests.length = 0;
  const before = sessionCookie(browser);
  const page = await browser.open('/');
  assert.equal(page.status, 200);
  assert.equal(sessionCookie(browser), before);
  await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  provider.tokenDelayMs = 0;
  const restart = async (): Promise<void> => {
    browser.replica = new GatewaySite(await start('2s'));
  };
  return {
    browser,
    provider,
    first,
    restart,
    before,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function sessionCookie(browser: TestBrowser): string | undefined {
  return browser.cookies.get('__Host-fairlead-corp.s0')?.value;
}

test('cookies of a refresh that outlasts its call come with the next response', async () => {
  await using scene = await outlastedRefresh();
  const { browser, provider } = scene;

  const next = await browser.open('/');
  const kept = sessionCookie(browser);
  await scene.restart();
  const elsewhere = await browser.open('/');

  assert.deepEqual([next.status, elsewhere.status], [200, 200]);
  assert.notEqual(kept, scene.before);
  assert.equal(provider.tokenRequests, 1, 'the new tokens are in the cookie, for any gateway');
});

test('a gateway that was restarted before it could send them ends the session, with a new login', async () => {
  await using scene = await outlastedRefresh();
  const { browser, provider } = scene;
  await scene.restart();

  const program = await browser.copy().send({
    url: `${GATEWAY_ORIGIN}/`,
    headers: { accept: 'application/json' },
  });
  const page = await browser.open('/');

  assert.equal(program.status, 401);
  assert.equal(page.status, 200);
  assert.ok(
    page.trail.some((url) => url.startsWith(`${provider.url}/auth`)),
    'by a new login',
  );
});

test(
  'a gateway that shares a store sends no refresh token that another has used up',
  { skip: NO_REDIS },
  async () => {
    await using redis = await TestRedis.start();
    await using scene = await outlastedRefresh({ redis: redis.url });
    const { browser, provider } = scene;
    await scene.restart();

    const elsewhere = await browser.open('/');
    const old = sessionCookie(browser);
    browser.replica = scene.first;
    const back = await browser.open('/');

    assert.deepEqual([elsewhere.status, back.status], [200, 200]);
    assert.equal(old, scene.before);
    assert.notEqual(sessionCookie(browser), scene.before);
    assert.equal(provider.tokenRequests, 1);
  },
);
