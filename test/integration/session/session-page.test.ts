import assert from 'node:assert/strict';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import {
  cookieOf,
  logIn,
  setCookiesOf,
  startSessionGateway,
} from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';

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
    limits: [{ name: 'tiers.gold.rate', rate: '10/m', burst: 10, left: 9 }],
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
  assert.match(page, /<form class="acts" method="post" action="\/\.fairlead\/corp\/logout">/);
  assert.match(page, /<html lang="en">/);
  assert.match(page, /<dt>Signed in with<\/dt>/);
  assert.match(page, /<dt>Requests left<\/dt><dd>10 \(burst 10, 10 per minute\)<\/dd>/);
  // Else the browser asks the service for /favicon.ico.
  assert.match(page, /<link rel="icon" href="data:,">/);
  assert.match(String(response.headers['content-security-policy']), /img-src data:/);
});

test('without a session there is a 401 and where to log in', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const json = await gateway.request('/.fairlead/session');
  const page = await gateway.request('/.fairlead/session', { headers: PAGE });

  assert.equal(json.statusCode, 401);
  const { login } = (await json.body.json()) as { login: string };
  assert.match(login, /\/\.fairlead\/corp\/login$/);
  assert.match(await page.body.text(), /<a class="button" href="[^"]*\/\.fairlead\/corp\/login">/);
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

/** A person who logged in at both providers of the host, as `ada` and as `bob`. */
async function twice(application: Application) {
  const { host, port } = application.address;
  const gateway = await TestGateway.start({
    plugins: [sessionPlugin()],
    policy: `
providers: { corp: { plugin: fake-login }, partners: { plugin: fake-login } }
services: { web: { via: tcp, host: "${host}", port: ${port} } }
routes: { web: { host: app.example.test, service: web, auth: [corp, partners] } }
`,
  });
  const partner = await gateway.request('/.fairlead/partners/login?user=bob');
  await partner.body.dump();
  return { gateway, cookie: `${await logIn(gateway)}; ${cookieOf(partner)}` };
}

test('who is logged in at two providers sees both sessions, each with a logout of its own', async () => {
  await using application = await Application.start();
  const { gateway, cookie } = await twice(application);
  await using _running = gateway;

  const json = await gateway.request('/.fairlead/session', { headers: { cookie } });
  const page = await gateway.request('/.fairlead/session', { headers: { cookie, ...PAGE } });
  const report = (await json.body.json()) as Report & { readonly others: readonly Report[] };
  const text = await page.body.text();

  const shown = [report, ...report.others].map((each) => [
    each.provider,
    each.subject,
    each.logout,
  ]);
  assert.deepEqual(shown, [
    ['corp', 'ada', '/.fairlead/corp/logout'],
    ['partners', 'bob', '/.fairlead/partners/logout'],
  ]);
  const forms = [...text.matchAll(/<h2>(\w+)<\/h2>|action="([^"]+)"/g)].map((match) =>
    match.slice(1).join(''),
  );
  assert.deepEqual(forms, [
    'corp',
    '/.fairlead/corp/logout',
    'partners',
    '/.fairlead/partners/logout',
  ]);
});

test('a logout of one leaves the other; a post to the page ends all', async () => {
  await using application = await Application.start();
  const { gateway, cookie } = await twice(application);
  await using _running = gateway;
  const origin = `https://app.example.test:${gateway.port}`;
  const post = async (path: string) => {
    const response = await gateway.request(path, { method: 'POST', headers: { cookie, origin } });
    await response.body.dump();
    return response;
  };
  const subjects = async () => {
    const response = await gateway.request('/.fairlead/session', { headers: { cookie } });
    const { subject, others = [] } = (await response.body.json()) as Partial<
      Report & { readonly others: readonly Report[] }
    >;
    return [subject, ...others.map((each) => each.subject)];
  };

  await post('/.fairlead/corp/logout');
  const left = await subjects();
  await post('/.fairlead/session');

  assert.deepEqual(left, ['bob']);
  assert.deepEqual(await subjects(), [undefined]);
});

test('a post to the page clears the cookies of every session', async () => {
  await using application = await Application.start();
  const { gateway, cookie } = await twice(application);
  await using _running = gateway;
  const origin = `https://app.example.test:${gateway.port}`;

  const all = await gateway.request('/.fairlead/session', {
    method: 'POST',
    headers: { cookie, origin },
  });
  const after = await gateway.request('/.fairlead/session', { headers: { cookie } });
  await Promise.all([all.body.dump(), after.body.dump()]);

  const cleared = setCookiesOf(all).map((field) => field.split(';').slice(0, 2).join(';'));
  assert.deepEqual(cleared.sort(), [
    '__Host-fairlead-corp=; Max-Age=0',
    '__Host-fairlead-partners=; Max-Age=0',
  ]);
  assert.equal(after.statusCode, 401);
});

interface Report {
  readonly provider: string;
  readonly subject: string;
  readonly logout: string;
}
