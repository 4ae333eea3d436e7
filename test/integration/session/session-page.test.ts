import assert from 'node:assert/strict';
import test from 'node:test';
import { Application } from '../../support/application.ts';
import { logIn, setCookiesOf, startSessionGateway } from '../../support/session-gateway.ts';

const PAGE = { accept: 'text/html' };
const TENANTS = `
tenants: { id: identity.subject, tier: { from: identity.claims.plan, default: free } }
tiers: { free: { rate: 1/s }, gold: { rate: 10/m } }
`;

test('a person sees the own session as JSON: who, tenant, tier, until when, what is left', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application, { policy: TENANTS });
  const cookie = await logIn(gateway);
  const routed = await gateway.request('/', { headers: { cookie } });
  await routed.body.dump();

  const response = await gateway.request('/.fairlead/session', { headers: { cookie } });
  const report = (await response.body.json()) as Record<string, unknown>;

  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['cache-control'], 'no-store');
  assert.equal(response.headers['referrer-policy'], 'no-referrer');
  const { authenticatedAt, endsAt, ...rest } = report;
  assert.deepEqual(rest, {
    provider: 'corp',
    subject: 'ada',
    issuer: 'https://login.example.test',
    tenant: 'ada',
    tier: 'gold',
    idleSeconds: 1800,
    limits: [{ name: 'tiers.gold.rate', rate: '10/m', left: 9 }],
    logout: '/.fairlead/corp/logout',
  });
  const hours = (Date.parse(String(endsAt)) - Date.parse(String(authenticatedAt))) / 3_600_000;
  assert.equal(Math.round(hours), 12);
  assert.ok(!JSON.stringify(report).includes(cookie.split('=')[1]!));
});

test('looking costs nothing of the limits', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application, { policy: TENANTS });
  const cookie = await logIn(gateway);
  const left = async () => {
    const response = await gateway.request('/.fairlead/session', { headers: { cookie } });
    const report = (await response.body.json()) as { limits: { left: number }[] };
    return report.limits[0]!.left;
  };

  assert.deepEqual([await left(), await left()], [10, 10]);
});

test('a person sees a page without scripts, with a button that logs out', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application, { policy: TENANTS });
  const cookie = await logIn(gateway, '%3Cscript%3E');

  const response = await gateway.request('/.fairlead/session', { headers: { cookie, ...PAGE } });
  const page = await response.body.text();

  assert.match(String(response.headers['content-type']), /^text\/html/);
  assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
  assert.ok(!page.includes('<script'));
  assert.ok(page.includes('&lt;script&gt;'));
  assert.match(page, /<form method="post" action="\/\.fairlead\/corp\/logout">/);
  assert.match(page, /<html lang="en">/);
});

test('without a session there is a 401 and where to log in', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const json = await gateway.request('/.fairlead/session');
  const page = await gateway.request('/.fairlead/session', { headers: PAGE });

  assert.equal(json.statusCode, 401);
  const { login } = (await json.body.json()) as { login: string };
  assert.match(login, /\/\.fairlead\/corp\/login$/);
  assert.match(await page.body.text(), /<a href="[^"]*\/\.fairlead\/corp\/login">/);
});

test('a post to the page logs out by the provider, from this site only', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  const post = async (origin: string) => {
    const response = await gateway.request('/.fairlead/session', {
      method: 'POST',
      headers: { cookie, origin },
    });
    await response.body.dump();
    return response;
  };

  const foreign = await post('https://evil.example');
  const own = await post(`https://app.example.test:${gateway.port}`);
  const after = await gateway.request('/.fairlead/session', { headers: { cookie } });
  await after.body.dump();

  assert.equal(foreign.statusCode, 403);
  assert.equal(own.statusCode, 303);
  assert.deepEqual(setCookiesOf(own), [
    '__Host-fairlead-corp=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax',
  ]);
  assert.equal(after.statusCode, 401);
});

test('a method that the page does not have is 405', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const response = await gateway.request('/.fairlead/session', { method: 'DELETE' });
  await response.body.dump();

  assert.equal(response.statusCode, 405);
  assert.equal(response.headers.allow, 'GET, POST');
});
