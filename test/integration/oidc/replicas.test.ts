import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/application.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { TestBrowser } from '../../support/oidc-browser.ts';
import { GATEWAY_ORIGIN, GatewaySite, startLoginGateway } from '../../support/oidc-gateway.ts';
import { RealProvider } from '../../support/oidc-provider.ts';
import { NO_REDIS, TestRedis } from '../../support/redis.ts';
import { waitUntil } from '../../support/wait-until.ts';

test(
  '100 requests at expiry on two gateways with one Redis and a slow provider: one token request',
  { skip: NO_REDIS },
  async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await TestRedis.start());
    const application = stack.use(await Application.start());
    const options = { origin: GATEWAY_ORIGIN, accessTokenSeconds: 1 };
    const provider = stack.use(await RealProvider.start(options));
    const start = async (): Promise<TestGateway> => {
      const gateway = `store: { redis: "${redis.url}" }`;
      return stack.use(await startLoginGateway(application, provider, { gateway }));
    };
    const sites = [new GatewaySite(await start()), new GatewaySite(await start())];
    const browser = new TestBrowser(sites[0]!, GATEWAY_ORIGIN);
    const login = await browser.open('/');
    assert.equal(login.status, 200, login.body);
    const loggedInAt = performance.now();
    await waitUntil('the access token is over', () => performance.now() - loggedInAt > 1100);
    provider.requests.length = 0;
    provider.tokenDelayMs = 5000;
    const cookies = new Map([...browser.cookies].map(([name, { value }]) => [name, value]));

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => sites[i % 2]!.handle({ url: '/', cookies })),
    );
    const meanwhile = await sites[1]!.handle({ url: '/', cookies });

    const statuses = [...answers, meanwhile].map(({ response }) => response.status);
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.equal(provider.tokenRequests, 1);
    provider.tokenDelayMs = 0;
  },
);
