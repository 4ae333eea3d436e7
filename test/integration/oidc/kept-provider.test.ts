import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { GATEWAY_ORIGIN, GatewaySite, loginPolicy } from '../../support/oidc/login-gateway.ts';
import { startLoginGateway } from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';

/** A person who comes for the first time: what was shown at the end, and the scope that was asked for. */
async function firstVisit(site: GatewaySite) {
  const shown = await new TestBrowser(site, GATEWAY_ORIGIN).open('/');
  const scopes = shown.trail.flatMap(
    (url) => new URL(url, GATEWAY_ORIGIN).searchParams.get('scope') ?? [],
  );
  return { status: shown.status, scope: scopes[0] };
}

async function untilScope(site: GatewaySite, wanted: string): Promise<readonly number[]> {
  const statuses: number[] = [];
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const { status, scope } = await firstVisit(site);
    statuses.push(status);
    if (scope === wanted) return statuses;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no login with scope ${wanted}: ${statuses.join(' ')}`);
}

test('sessions and logins go on when the provider is not found after a reload, until it is', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);
  const site = new GatewaySite(gateway);
  const person = new TestBrowser(site, GATEWAY_ORIGIN);
  await person.open('/');
  provider.failing = { path: /^\/\.well-known/, status: 503 };

  const options = { provider: 'scopes: [openid, offline_access]' };
  await gateway.reload({ 'policy.yaml': loginPolicy(application, provider, options).policy });
  const reloadLines = gateway.lines.filter((line) => line.includes('policy reloaded'));
  const session = await person.open('/');
  const meanwhile = await firstVisit(site);
  provider.failing = undefined;
  const statuses = await untilScope(site, 'openid offline_access');
  const sessionLater = await person.open('/');

  assert.match(reloadLines.join(), /"not_replaced":\[\{"provider":"corp","reason":"discovery at/);
  assert.deepEqual([session.status, session.trail.length], [200, 1]);
  assert.deepEqual(meanwhile, { status: 200, scope: 'openid' });
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.deepEqual([sessionLater.status, sessionLater.trail.length], [200, 1]);
});

test('a login that the policy wants stricter is not begun by the options before', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);
  const site = new GatewaySite(gateway);
  const person = new TestBrowser(site, GATEWAY_ORIGIN);
  await person.open('/');
  provider.failing = { path: /^\/\.well-known/, status: 503 };

  const options = { provider: 'prompt: login' };
  await gateway.reload({ 'policy.yaml': loginPolicy(application, provider, options).policy });
  const session = await person.open('/');
  const stranger = await firstVisit(site);

  assert.deepEqual([session.status, session.trail.length], [200, 1]);
  assert.equal(stranger.status, 503);
});
