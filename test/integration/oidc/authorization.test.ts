import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { Echo } from '../../support/applications/application.ts';
import { TestIssuer } from '../../support/auth/issuer.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { GATEWAY_ORIGIN, GatewaySite, loginPolicy } from '../../support/oidc/login-gateway.ts';
import { startLoginGateway } from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';

const FORWARD = { provider: 'forward: access-token' };
const CLIENTS = { authorization: 'Basic of-the-client' };

/** Each Authorization that the application got. */
function authorizationOf(body: string): readonly string[] {
  const { headers } = JSON.parse(body) as Echo;
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'authorization');
}

test('with forward: access-token the application gets the token, and not what the client sent', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider, FORWARD);
  const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);
  await browser.open('/');

  const shown = await browser.open('/', { headers: CLIENTS });

  const values = authorizationOf(shown.body);
  assert.equal(values.length, 1);
  assert.match(values[0]!, /^Bearer [\w-]{20,}$/);
  assert.ok(!JSON.stringify(gateway.records).includes(values[0]!.slice(7)), 'recorded nowhere');
});

test('on a public path of such a route a client cannot pass its own for a token of the gateway', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider, {
    ...FORWARD,
    route: 'auth: corp, paths: { /open/**: { auth: public } }',
  });

  const shown = await gateway.request('/open/door', { headers: CLIENTS });

  assert.deepEqual(authorizationOf(await shown.body.text()), []);
});

test('a token goes on that a provider of bearer tokens has accepted, and no other', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using issuer = await TestIssuer.start();
  await using gateway = await startLoginGateway(application, provider, {
    ...FORWARD,
    providers: `  api: { plugin: jwt, issuer: "${issuer.url}", audience: web, jwks: { allowPrivate: true } }`,
    route: 'auth: [api, corp], paths: { /open/**: { auth: public } }',
  });
  const token = await issuer.sign({ sub: 'robot', aud: 'web' }, Date.now());
  const headers = { authorization: `Bearer ${token}` };

  const accepted = await gateway.request('/', { headers });
  const unseen = await gateway.request('/open/door', { headers });

  assert.deepEqual(authorizationOf(await accepted.body.text()), [`Bearer ${token}`]);
  assert.deepEqual(authorizationOf(await unseen.body.text()), [], 'nobody looked at it');
});

test('a session from before the policy said forward brings nothing of the client’s', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);
  const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);
  await browser.open('/');
  await gateway.reload({ 'policy.yaml': loginPolicy(application, provider, FORWARD).policy });

  const shown = await browser.open('/', { headers: CLIENTS });

  assert.equal(shown.trail.length, 1, 'the session is still there');
  assert.deepEqual(authorizationOf(shown.body), []);
});

test('a token that the session has is not forwarded any more once the policy says none', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider, FORWARD);
  const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);
  const before = await browser.open('/');
  await gateway.reload({ 'policy.yaml': loginPolicy(application, provider).policy });

  const shown = await browser.open('/');

  assert.equal(authorizationOf(before.body).length, 1);
  assert.equal(shown.trail.length, 1, 'the session is still there');
  assert.deepEqual(authorizationOf(shown.body), []);
});

test('a route that asks nobody who writes the field leaves it to client and application', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider, { route: 'auth: public' });

  const shown = await gateway.request('/', { headers: CLIENTS });

  assert.deepEqual(authorizationOf(await shown.body.text()), [CLIENTS.authorization]);
});
