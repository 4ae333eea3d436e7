import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { Application } from '../../support/applications/application.ts';
import type { Echo } from '../../support/applications/application.ts';
import type { RequestOptions } from '../../support/clients/https-client.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import {
  GATEWAY_ORIGIN,
  GatewaySite,
  loginPolicy,
  startLoginGateway,
} from '../../support/oidc/login-gateway.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';

test('a whole gateway logs a person in, tells the application who, and logs out', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);
  const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);

  await browser.open('/');
  const shown = await browser.open('/things?a=b', {
    headers: { authorization: 'Basic of-the-client' },
  });

  assert.equal(shown.status, 200, shown.body);
  const echo = JSON.parse(shown.body) as Echo;
  assert.equal(echo.url, '/things?a=b');
  assert.equal(fieldOf(echo, 'x-user'), 'alice');
  assert.equal(fieldOf(echo, 'cookie'), undefined, 'no cookie of ours goes on');
  assert.equal(fieldOf(echo, 'authorization'), undefined);
  assert.ok(browser.cookieOctets < 250, `${browser.cookieOctets} octets`);

  const logout = await browser.open('/.fairlead/corp/logout', {
    method: 'POST',
    body: '',
    headers: { origin: GATEWAY_ORIGIN },
  });

  assert.equal(logout.url.split('?')[0], `${GATEWAY_ORIGIN}/.fairlead/corp/logged-out`);
  provider.user = 'bob';
  assert.equal(fieldOf(JSON.parse((await browser.open('/')).body) as Echo, 'x-user'), 'bob');
});

test('behind a balancer that ends TLS a person logs in and out as over TLS', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  const listen = 'plain: { address: "127.0.0.1:0", from: [127.0.0.1] }';
  await using gateway = await TestGateway.start({ ...loginPolicy(application, provider), listen });
  const behind: Pick<TestGateway, 'request'> = {
    request: (path, { host, headers, method, body }: RequestOptions) =>
      request(`http://127.0.0.1:${gateway.gateway.plain!.port}${path}`, {
        method: method as 'GET',
        headers: { ...(headers as object), host: host!, 'x-forwarded-proto': 'https' },
        ...(body !== undefined && { body }),
      }),
  };
  const browser = new TestBrowser(new GatewaySite(behind), GATEWAY_ORIGIN);

  const shown = await browser.open('/things');
  const logout = await browser.open('/.fairlead/corp/logout', {
    method: 'POST',
    body: '',
    headers: { origin: GATEWAY_ORIGIN },
  });

  assert.equal(fieldOf(JSON.parse(shown.body) as Echo, 'x-user'), 'alice');
  assert.equal(logout.url.split('?')[0], `${GATEWAY_ORIGIN}/.fairlead/corp/logged-out`);
});

for (const isTold of [true, false]) {
  test(`the session page ${isTold ? 'says' : 'does not guess'} when the person logged in`, async () => {
    await using application = await Application.start();
    const client = { require_auth_time: isTold };
    await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN, client });
    await using gateway = await startLoginGateway(application, provider);
    const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);
    await browser.open('/');

    const page = await browser.open('/.fairlead/session');
    const json = await browser.open('/.fairlead/session', {
      headers: { accept: 'application/json' },
    });

    assert.equal(page.body.includes('Logged in'), isTold);
    assert.equal('authenticatedAt' in (JSON.parse(json.body) as object), isTold);
    assert.doesNotMatch(page.body + json.body, /1970/);
  });
}

test('a cookie that was planted before the login opens no session after it', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);
  const site = new GatewaySite(gateway);
  const browser = new TestBrowser(site, GATEWAY_ORIGIN);
  const planted = 'p'.repeat(43);
  browser.cookies.set('__Host-fairlead-corp', { value: planted, isCrossSite: false });

  const shown = await browser.open('/');
  const mallory = await site.handle({
    url: '/',
    cookies: new Map([['__Host-fairlead-corp', planted]]),
    headers: { accept: '*/*' },
  });

  assert.equal(shown.status, 200, shown.body);
  assert.match(browser.cookies.get('__Host-fairlead-corp')!.value, /^[\w-]{43}$/);
  assert.notEqual(browser.cookies.get('__Host-fairlead-corp')!.value, planted);
  assert.equal(mallory.response.status, 401);
});

test('ten tabs at a whole gateway all end logged in', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  await using gateway = await startLoginGateway(application, provider);
  const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);

  const tabs = Array.from({ length: 10 }, (_, tab) => browser.open(`/tab/${tab}`));

  for (const { status, body } of await Promise.all(tabs)) assert.equal(status, 200, body);
});

test('below a wildcard people log in at the hosts that are listed, and nowhere else', async () => {
  await using application = await Application.start();
  await using provider = await RealProvider.start();
  const host = '*.wild.example.test';
  await assert.rejects(startLoginGateway(application, provider, { host }), /E216.*loginHosts/);
  await using gateway = await startLoginGateway(application, provider, {
    host,
    provider: 'loginHosts: [a.wild.example.test]',
  });
  const open = (name: string, path: string) =>
    gateway.request(path, {
      host: `${name}.wild.example.test`,
      headers: { accept: 'text/html' },
    });

  const listed = await open('a', '/things');
  const other = await open('b', '/things');
  const page = await open('b', String(other.headers['location']));
  const login = await open('b', '/.fairlead/corp/login');

  const begun = new URL(String(listed.headers['location']));
  assert.equal(begun.origin, provider.url);
  assert.equal(
    begun.searchParams.get('redirect_uri'),
    'https://a.wild.example.test/.fairlead/corp/callback',
  );
  assert.match(
    String(other.headers['location']),
    /^\/\.fairlead\/corp\/problem\?reason=login_host&request=[0-9A-Z]{26}$/,
  );
  for (const { statusCode, body } of [page, login]) {
    assert.equal(statusCode, 403);
    const shown = (await body.text()).replaceAll('<wbr>', '');
    assert.match(shown, /https:\/\/b\.wild\.example\.test\/\.fairlead\/corp\/callback/);
  }
});

test('a provider that is away: 503 for page loads, and a login as soon as it is there', async () => {
  await using application = await Application.start();
  const away = await RealProvider.start({ origin: GATEWAY_ORIGIN });
  const port = Number(new URL(away.url).port);
  await away[Symbol.asyncDispose]();
  await using gateway = await startLoginGateway(application, away);
  const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);

  const down = await Promise.all(Array.from({ length: 8 }, () => browser.open('/')));
  await using _provider = await RealProvider.start({ origin: GATEWAY_ORIGIN, port });
  let up = await browser.open('/');
  for (let i = 0; i < 100 && up.status === 503; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    up = await browser.open('/');
  }

  assert.deepEqual([...new Set(down.map(({ status }) => status))], [503]);
  assert.match(down[0]!.body, /provider_failed/);
  assert.equal(up.status, 200, up.body);
});

test('an ID token of 64 KiB makes no larger cookie than any other', async () => {
  await using application = await Application.start();
  await using provider = await MisbehavingProvider.start();
  provider.claims = (honest) => ({ ...honest, photo: 'x'.repeat(64 * 1024) });
  await using gateway = await startLoginGateway(application, provider);
  const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);

  const shown = await browser.open('/');

  assert.equal(fieldOf(JSON.parse(shown.body) as Echo, 'x-user'), 'alice');
  assert.equal((await browser.open('/again')).trail.length, 1, 'the session is there');
  const sent = [...browser.cookies].map(([name, { value }]) => [name, name.length + value.length]);
  assert.ok(browser.cookies.has('__Host-fairlead-corp'));
  for (const [name, octets] of sent) assert.ok(Number(octets) < 200, `${name}: ${octets} octets`);
});

function fieldOf({ headers }: Echo, name: string): string | undefined {
  const at = headers.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === name);
  return at < 0 ? undefined : headers[at + 1];
}
