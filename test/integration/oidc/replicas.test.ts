import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { Echo } from '../../support/applications/application.ts';
import { GatewayProcess } from '../../support/gateway/gateway-process.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { GATEWAY_ORIGIN, GatewaySite, loginPolicy } from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

test(
  '100 requests at expiry on two gateway processes, one Redis and a slow provider: one token request',
  { skip: NO_REDIS },
  async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await TestRedis.start());
    const application = stack.use(await Application.start());
    const provider = stack.use(await RealProvider.start({ origin: GATEWAY_ORIGIN }));
    const set = loginPolicy(application, provider, {
      gateway: `store: { redis: "${redis.url}" }`,
      provider: 'forward: access-token',
    });
    const gateways = await Promise.all([GatewayProcess.start(set), GatewayProcess.start(set)]);
    for (const gateway of gateways) stack.use(gateway);
    const sites = gateways.map((gateway) => new GatewaySite(gateway));
    const browser = new TestBrowser(sites[0]!, GATEWAY_ORIGIN);
    provider.accessTokenSeconds = 1;
    const login = await browser.open('/');
    assert.equal(login.status, 200, login.body);
    const loggedInAt = performance.now();
    await waitUntil('the access token is over', () => performance.now() - loggedInAt > 1100);
    provider.requests.length = 0;
    provider.accessTokenSeconds = 3600;
    provider.tokenDelayMs = 5000;
    const cookies = new Map([...browser.cookies].map(([name, { value }]) => [name, value]));
    const askBoth = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, i) => sites[i % 2]!.handle({ url: '/', cookies })),
      );

    const answers = await askBoth(100);
    const isRenewed = async (): Promise<boolean> => {
      const after = await askBoth(2);
      answers.push(...after);
      const tokens = await Promise.all(after.map(({ response }) => response.text()));
      return tokens.every((body) => tokenOf(body) !== tokenOf(login.body));
    };
    const end = performance.now() + 10_000;
    while (!(await isRenewed())) {
      assert.ok(performance.now() < end, 'both have the new token within 10 s');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }

    const statuses = answers.map(({ response }) => response.status);
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.equal(provider.tokenRequests, 1);
    const served = gateways.map(({ accessLines }) => accessLines.length);
    assert.ok(
      served.every((count) => count >= 50),
      `each process served half: ${served.join(', ')}`,
    );
  },
);

/** What the application was given of the session's tokens. */
function tokenOf(body: string): string {
  const { headers } = JSON.parse(body) as Echo;
  return headers[headers.findIndex((name) => name.toLowerCase() === 'authorization') + 1] ?? '';
}
