import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { LIMITS } from '../../../plugins/oidc/limits.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import type { Shown } from '../../support/oidc/test-browser.ts';
import { Cluster, Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN, RealProvider } from '../../support/oidc/real-provider.ts';

const ID = '01J00000000000000000000000';

/** The page names its problem and the request, has no script, and is kept by no cache. */
function assertPage(shown: Shown, status: number, code: string): void {
  assert.equal(shown.status, status, shown.body);
  assert.match(shown.body, new RegExp(`<code>oidc\\.${code} \\(${status}\\)</code>`));
  assert.match(shown.body, new RegExp(`<dt>Request id</dt><dd><code class="id">${ID}</code>`));
  assert.doesNotMatch(shown.body, /<script|javascript:| on\w+=/i);
  assert.match(shown.body, /<html lang="en">/);
  assert.match(shown.body, /<title>[^<]+<\/title>/);
  assert.equal(shown.body.match(/<h1>/g)?.length, 1);
  assert.equal(shown.body.match(/<main>/g)?.length, 1);
  assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(shown.headers.get('cache-control'), 'no-store');
  assert.equal(shown.headers.get('referrer-policy'), 'no-referrer');
}

/** Stops at the callback and gives its address. */
async function callbackUrl(browser: TestBrowser, path = '/'): Promise<string> {
  browser.onStep = ({ url }) => !url.includes('/callback');
  const { url } = await browser.open(path);
  browser.onStep = () => true;
  assert.match(url, /\/callback\?/);
  return url;
}

test('the third round within a minute stops with a page that names the session cookie', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  browser.blocked = /session/;

  const shown = await browser.open('/');

  assertPage(shown, 400, 'loop');
  assert.match(shown.body, /refusing the session cookie/);
  assert.equal(shown.trail.filter((url) => url.includes('/callback')).length, 2);
  replica.cluster.offsetMs = 61_000;
  const later = await browser.send({ url: `${APP_ORIGIN}/` });
  assert.match(later.headers.get('location')!, /\/auth\?/, 'a minute later there is another try');
});

test('many logins that are begun and left are no loop', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);

  for (let i = 0; i < 20; i += 1) await browser.send({ url: `${APP_ORIGIN}/` });

  assert.equal((await browser.open('/')).body, 'hello alice');
});

test('a browser that keeps no cookie at all is told so', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  browser.blocked = /./;

  assertPage(await browser.open('/'), 400, 'cookie_blocked');
  assert.equal(provider.tokenRequests, 0);
});

test('a login that another browser began is not completed here', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const attacker = new TestBrowser(replica);
  const url = await callbackUrl(attacker, '/mine');
  const victim = new TestBrowser(replica);
  await victim.send({ url: `${APP_ORIGIN}/` });
  victim.onStep = () => false;

  const shown = await victim.open(url);

  assertPage(shown, 400, 'other_browser');
  assert.equal(replica.cluster.sessions.count, 0);
  assert.equal(provider.tokenRequests, 0);
});

test('a login that took more than ten minutes is told apart', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  const url = await callbackUrl(browser, '/page');
  replica.cluster.offsetMs = 601_000;

  const shown = await browser.open(url);

  assertPage(shown, 400, 'state_expired');
  assert.match(shown.body, /<a class="button" href="\/page">Try again<\/a>/);
});

test('a state that nobody here made is unknown', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);

  assertPage(await browser.open('/.fairlead/corp/callback?state=x&code=y'), 400, 'state_unknown');
});

test('a provider whose clock is wrong is told apart', async () => {
  await using provider = await MisbehavingProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));

  provider.claims = (honest) => ({ ...honest, exp: Number(honest['iat']) - 7200 });
  assertPage(await new TestBrowser(replica).open('/'), 502, 'clock_skew');

  provider.claims = (honest) => ({ ...honest, iat: Number(honest['iat']) + 300 });
  assertPage(await new TestBrowser(replica).open('/'), 502, 'clock_skew');
});

test('a redirect URI that is not registered is named, so that it can be', async () => {
  await using provider = await RealProvider.start({
    par: true,
    redirectUris: ['https://other.example.com/callback'],
  });
  await using replica = await Replica.start(optionsFor(provider.url));

  const shown = await new TestBrowser(replica).open('/');

  assertPage(shown, 502, 'redirect_uri_mismatch');
  assert.ok(
    shown.body
      .replaceAll('<wbr>', '')
      .includes(`<code class="id">${APP_ORIGIN}/.fairlead/corp/callback</code>`),
  );
});

test('a client secret that is wrong is told apart', async () => {
  await using provider = await RealProvider.start();
  const client = { id: 'web', secret: 'wrong' };
  await using replica = await Replica.start(optionsFor(provider.url, { client }));

  assertPage(await new TestBrowser(replica).open('/'), 502, 'client_rejected');
});

test('a login that the person cancels shows no word of the address', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.callback = (honest) =>
    new URLSearchParams({
      state: honest.get('state')!,
      error: 'access_denied',
      error_description: 'Call 555-EVIL now',
    });
  await using replica = await Replica.start(optionsFor(provider.url));

  const shown = await new TestBrowser(replica).open('/');

  assertPage(shown, 403, 'login_refused');
  assert.doesNotMatch(shown.body, /EVIL/);
});

const ANSWERS = [
  ['server_error', 503, 'provider_down'],
  ['temporarily_unavailable', 503, 'provider_down'],
  ['unmet_authentication_requirements', 403, 'assurance'],
  ['login_required', 403, 'login_refused'],
] as const;

for (const [error, status, code] of ANSWERS) {
  test(`a provider that answers ${error} is told apart: ${code}`, async () => {
    await using provider = await MisbehavingProvider.start();
    provider.callback = (honest) => new URLSearchParams({ state: honest.get('state')!, error });
    await using replica = await Replica.start(optionsFor(provider.url));

    assertPage(await new TestBrowser(replica).open('/'), status, code);
    assert.equal(provider.tokenRequests.length, 0);
  });
}

test('a provider that fails between login and callback is down, and another try works', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  const url = await callbackUrl(browser);
  provider.failing = { path: /^\/token/, status: 503 };

  const shown = await browser.open(url);

  assertPage(shown, 503, 'provider_down');
  assert.equal(shown.headers.get('retry-after'), '5');
  provider.failing = undefined;
  assert.equal((await browser.open('/')).body, 'hello alice');
});

test('a provider that is away at the start: 503, and by itself a login when it is there', async () => {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  await using replica = await Replica.start(optionsFor(issuer));
  const browser = new TestBrowser(replica);

  const down = await browser.open('/');
  const health = await replica.authenticator.health!({
    signal: new AbortController().signal,
    deadline: 0,
  });
  await using provider = await RealProvider.start({ port });
  replica.cluster.offsetMs = 31_000;
  const up = await browser.open('/');

  assert.equal(down.status, 503);
  assert.equal(down.body, 'oidc.provider_down');
  assert.equal(health.ok, false);
  assert.equal(provider.url, issuer);
  assert.equal(up.body, 'hello alice');
});

test('a provider that hangs costs a call no more than it may take', async () => {
  await using provider = await RealProvider.start({ par: true });
  await using replica = await Replica.start(optionsFor(provider.url));
  replica.cluster.fetch = (_input, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  replica.callMs = 100;
  const startedAt = performance.now();

  const { response } = await replica.handle({ url: '/' });

  assert.equal(response.status, 503);
  assert.ok(performance.now() - startedAt < 1000);
});

test('a token endpoint that hangs is given up, and is down', async ({ mock }) => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  const url = await callbackUrl(browser);
  const original = AbortSignal.timeout.bind(AbortSignal);
  const waits: number[] = [];
  mock.method(AbortSignal, 'timeout', (ms: number) => {
    waits.push(ms);
    return original(20);
  });
  provider.tokenDelayMs = 1000;

  assertPage(await browser.open(url), 503, 'provider_down');
  assert.deepEqual(waits, [LIMITS.requestMs]);
});

test('discovery is tried again after one second, then less and less often', async () => {
  let tries = 0;
  const cluster = new Cluster();
  cluster.fetch = () => {
    tries += 1;
    return Promise.reject(new TypeError('fetch failed'));
  };
  await using replica = await Replica.start(optionsFor('http://127.0.0.1:9'), cluster);
  const triedAt: number[] = [0];
  for (let second = 1; second <= 125; second += 1) {
    cluster.offsetMs = second * 1000 + 500;
    const before = tries;
    await replica.handle({ url: '/' });
    if (tries > before) triedAt.push(second);
  }

  assert.deepEqual(triedAt, [0, 1, 3, 7, 15, 31, 61, 91, 121]);
});

test('a store that is down is 503 at every endpoint that needs it, and changes nothing', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  const url = await callbackUrl(browser);
  replica.cluster.sessions.isDown = true;

  assertPage(await browser.open(url), 503, 'unavailable');
  assert.equal(provider.tokenRequests, 0);
  replica.cluster.sessions.isDown = false;
  assert.equal((await browser.open(url)).body, 'hello alice');
});

test('the page of a problem shows no words from its address', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  const path = '/.fairlead/corp/problem';

  for (const reason of [
    '<script>alert(1)</script>',
    'constructor',
    '__proto__',
    '',
    'x'.repeat(9000),
  ]) {
    const query = new URLSearchParams({ reason }).toString();
    assertPage(await browser.open(`${path}?${query}`), 400, 'parameters');
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
