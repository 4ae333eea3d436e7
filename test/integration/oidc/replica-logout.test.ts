import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import {
  GATEWAY_ORIGIN,
  GatewaySite,
  startLoginGateway,
} from '../../support/oidc/login-gateway.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';

/** Two gateways with one Redis, and a person whose event streams are open at both. */
async function scene() {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await TestRedis.start());
  const application = stack.use(await Application.start(eventsOrAnswer));
  const provider = stack.use(await MisbehavingProvider.start());
  const start = async (): Promise<TestGateway> => {
    const gateway = `store: { redis: "${redis.url}" }`;
    return stack.use(await startLoginGateway(application, provider, { gateway }));
  };
  const gateways = [await start(), await start()] as const;
  const browser = new TestBrowser(new GatewaySite(gateways[0]), GATEWAY_ORIGIN);
  await logIn(browser);
  const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const ends = await Promise.all(
    gateways.map(async (gateway) => {
      const { body, statusCode } = await gateway.request('/events', { headers: { cookie } });
      assert.equal(statusCode, 200);
      await once(body, 'readable');
      return { ended: once(body, 'error') };
    }),
  );
  const statuses = () => Promise.all(gateways.map((gateway) => statusOf(gateway, cookie)));
  return {
    gateway: gateways[0],
    provider,
    cookie,
    ends,
    statuses,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** How a session ends at one of them. */
const LOGOUTS: Readonly<Record<string, (it: Scene) => Promise<unknown>>> = {
  'a back-channel token': async ({ gateway, provider }) =>
    gateway.request('/.fairlead/corp/backchannel-logout', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `logout_token=${await provider.logoutToken({ sid: 's1' })}`,
    }),
  'a front-channel frame': ({ gateway, provider }) =>
    gateway.request(
      `/.fairlead/corp/frontchannel-logout?iss=${encodeURIComponent(provider.url)}&sid=s1`,
    ),
  'the person': ({ gateway, cookie }) =>
    gateway.request('/.fairlead/corp/logout', {
      method: 'POST',
      headers: { cookie, origin: GATEWAY_ORIGIN },
    }),
};

for (const [who, logOut] of Object.entries(LOGOUTS)) {
  test(
    `a logout by ${who} at one gateway ends session and streams at both within a second`,
    { skip: NO_REDIS },
    async () => {
      await using it = await scene();
      const before = await it.statuses();
      const started = performance.now();

      await logOut(it);
      await Promise.all(it.ends.map(({ ended }) => ended));

      assert.ok(performance.now() - started < 1000);
      assert.deepEqual(before, [200, 200]);
      assert.deepEqual(await it.statuses(), [401, 401]);
    },
  );
}

/** The store is connected to in the background; until then a login is 503. */
async function logIn(browser: TestBrowser): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await browser.open('/')).status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('no login within two seconds');
}

async function statusOf(gateway: TestGateway, cookie: string): Promise<number> {
  const response = await gateway.request('/', { headers: { cookie } });
  await response.body.dump();
  return response.statusCode;
}

function eventsOrAnswer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url !== '/events') {
    response.end('ok');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: hello\n\n');
}
