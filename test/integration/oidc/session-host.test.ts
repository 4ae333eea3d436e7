import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import { answerOf } from '../../support/clients/http2-client.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { GatewaySite, startLoginGateway } from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const OWN = 'a.wild.example.test';
const OTHER = 'b.wild.example.test';
const LOGOUT = '/.fairlead/corp/logout';

interface Asked {
  readonly host: string;
  readonly path: string;
  readonly cookie: string;
  readonly method?: 'GET' | 'POST';
}

/** One request of a program; the status of its answer. */
const VERSIONS = {
  'HTTP/1.1': async (gateway: TestGateway, { host, path, cookie, method = 'GET' }: Asked) => {
    const origin = `https://${host}`;
    const headers = { cookie, origin, accept: 'application/json' };
    const { statusCode, body } = await gateway.request(path, { host, method, headers });
    await body.dump();
    return statusCode;
  },
  'HTTP/2': async (gateway: TestGateway, { host, path, cookie, method = 'GET' }: Asked) => {
    const session = await http2To(gateway, host);
    const fields = {
      ':method': method,
      ':path': path,
      ':authority': `${host}:${gateway.port}`,
      cookie,
      origin: `https://${host}`,
      accept: 'application/json',
    };
    const stream = session.request(fields, { endStream: true });
    const { status } = await answerOf(stream);
    session.destroy();
    return status;
  },
} as const;

const MODES = {
  'in the store': () => '',
  'in Redis': (redis: string) => `store: { redis: "${redis}" }`,
  'in cookies': () => `sessions: { store: cookie, keys: ["${'0123456789abcdef'.repeat(4)}"] }`,
} as const;

for (const [mode, gatewayLines] of Object.entries(MODES)) {
  const isRedis = mode === 'in Redis';
  for (const [version, ask] of Object.entries(VERSIONS)) {
    test(
      `a session ${mode} is one at its own host alone, over ${version}: pages, refresh and logout`,
      { skip: isRedis && NO_REDIS },
      async () => {
        await using stack = new AsyncDisposableStack();
        const redis = isRedis ? stack.use(await TestRedis.start()).url : '';
        const application = stack.use(await Application.start());
        const origin = `https://${OWN}`;
        const provider = stack.use(await RealProvider.start({ origin }));
        const gateway = stack.use(
          await startLoginGateway(application, provider, {
            host: '*.wild.example.test',
            gateway: gatewayLines(redis),
            provider: `loginHosts: [${OWN}, ${OTHER}]`,
          }),
        );
        const browser = new TestBrowser(new GatewaySite(gateway, OWN), origin);
        provider.accessTokenSeconds = 1;
        assert.equal((await browser.open('/')).status, 200);
        const loggedInAt = performance.now();
        await waitUntil('the access token is over', () => performance.now() - loggedInAt > 1100);
        provider.accessTokenSeconds = 3600;
        provider.requests.length = 0;
        const cookie = [...browser.cookies]
          .map(([name, { value }]) => `${name}=${value}`)
          .join('; ');
        const statuses = async (asked: readonly Omit<Asked, 'cookie'>[]) => {
          const found: (number | undefined)[] = [];
          for (const each of asked) found.push(await ask(gateway, { ...each, cookie }));
          return found;
        };

        const elsewhere = await statuses([
          { host: OTHER, path: '/' },
          { host: OTHER, path: '/.fairlead/session' },
          { host: OTHER, path: LOGOUT, method: 'POST' },
          { host: OTHER, path: '/.fairlead/session', method: 'POST' },
        ]);
        const refreshesElsewhere = provider.tokenRequests;
        const own = await statuses([{ host: OWN, path: '/' }]);
        const refreshes = provider.tokenRequests;
        const after = await statuses([
          { host: OWN, path: '/.fairlead/session' },
          { host: OWN, path: LOGOUT, method: 'POST' },
          { host: OWN, path: '/' },
        ]);

        assert.deepEqual(elsewhere, [401, 401, 303, 401]);
        assert.equal(refreshesElsewhere, 0);
        assert.deepEqual([own, refreshes], [[200], 1], 'still there, and its token is renewed');
        assert.deepEqual(after, [200, 303, 401]);
      },
    );
  }
}
