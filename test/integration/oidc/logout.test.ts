import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Cluster, Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN, RealProvider } from '../../support/oidc/real-provider.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const LOGOUT = '/.fairlead/corp/logout';
const POST = { method: 'POST', body: '', headers: { origin: APP_ORIGIN } } as const;

test('a logout ends the session here and at the provider, and comes back', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');

  const shown = await browser.open(LOGOUT, POST);

  const end = new URL(shown.trail[1]!);
  assert.equal(`${end.origin}${end.pathname}`, `${provider.url}/session/end`);
  assert.notEqual(end.searchParams.get('id_token_hint'), null);
  assert.equal(shown.url.split('?')[0], `${APP_ORIGIN}/.fairlead/corp/logged-out`);
  assert.equal(shown.status, 200, shown.body);
  assert.equal(replica.cluster.sessions.count, 0);
  assert.equal(browser.cookies.has('__Host-fairlead-corp.session'), false);
  provider.user = 'bob';
  assert.equal((await browser.open('/')).body, 'hello bob', 'the provider asks again');
});

test('a logout from another origin, and one by a link, log nobody out', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');

  const foreign = await browser.open(LOGOUT, { ...POST, headers: { origin: 'https://evil.test' } });
  const link = await browser.open(LOGOUT);

  assert.equal(foreign.status, 403);
  assert.equal(link.status, 200);
  assert.match(link.body, /<form method="post" action="\/\.fairlead\/corp\/logout">/);
  assert.equal(replica.cluster.sessions.count, 1);
});

test('the form that logs out may lead to the provider, and to others behind it', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));

  const { headers } = await new TestBrowser(replica).open(LOGOUT);

  const policy = headers.get('content-security-policy') ?? '';
  assert.ok(policy.includes(`form-action 'self' https: ${provider.url};`), policy);
});

test('a logout drops the refresh token at the provider', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');

  await browser.send({ ...POST, url: `${APP_ORIGIN}${LOGOUT}` });
  await waitUntil('the revocation', () => provider.requests.includes('/token/revocation'));
});

test('a logout without a session, or repeated, still ends the one at the provider', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');
  browser.cookies.delete('__Host-fairlead-corp.session');

  const shown = await browser.open(LOGOUT, POST);

  const { pathname, searchParams } = new URL(shown.trail[1]!);
  assert.equal(pathname, '/session/end');
  assert.equal(searchParams.get('client_id'), 'web');
  assert.equal(
    searchParams.get('post_logout_redirect_uri'),
    `${APP_ORIGIN}/.fairlead/corp/logged-out`,
  );
  assert.equal(searchParams.get('id_token_hint'), null);
  assert.equal(shown.status, 200, shown.body);
  assert.equal(new URL(shown.url).pathname, '/.fairlead/corp/logged-out');
  provider.user = 'bob';
  assert.equal((await browser.open('/')).body, 'hello bob', 'the provider asks again');
});

test('a page of the application may be the end of a logout, and gets no state of ours', async () => {
  await using provider = await MisbehavingProvider.start();
  const options = optionsFor(provider.url, { postLogout: '/goodbye?x=1' });
  await using replica = await Replica.start(options);

  const response = await new TestBrowser(replica).send({ ...POST, url: `${APP_ORIGIN}${LOGOUT}` });

  const end = new URL(response.headers.get('location')!);
  assert.equal(end.searchParams.get('post_logout_redirect_uri'), `${APP_ORIGIN}/goodbye?x=1`);
  assert.equal(end.searchParams.get('state'), null);
});

test('the logout of a session of another issuer tells this one nothing of it', async () => {
  await using before = await RealProvider.start();
  await using after = await MisbehavingProvider.start();
  after.metadata = (honest) => ({ ...honest, revocation_endpoint: `${after.url}/revoke` });
  const cluster = new Cluster();
  await using old = await Replica.start(optionsFor(before.url), cluster);
  const browser = new TestBrowser(old);
  await browser.open('/');
  await using fresh = await Replica.start(optionsFor(after.url), cluster);
  browser.replica = fresh;

  const response = await browser.send({ ...POST, url: `${APP_ORIGIN}${LOGOUT}` });
  await browser.open(response.headers.get('location')!);

  const end = new URL(response.headers.get('location')!);
  assert.equal(end.origin, after.url);
  assert.equal(end.searchParams.get('id_token_hint'), null);
  assert.ok(!after.requests.includes('/revoke'));
  assert.equal(cluster.sessions.count, 0);
});

test('a logout works while the provider is away', async () => {
  const provider = await RealProvider.start();
  const cluster = new Cluster();
  await using replica = await Replica.start(optionsFor(provider.url), cluster);
  const browser = new TestBrowser(replica);
  await browser.open('/');
  await provider[Symbol.asyncDispose]();
  await using fresh = await Replica.start(optionsFor(provider.url), cluster);
  browser.replica = fresh;

  const response = await browser.send({ ...POST, url: `${APP_ORIGIN}${LOGOUT}` });

  assert.equal(response.headers.get('location'), '/.fairlead/corp/logged-out');
  assert.equal(cluster.sessions.count, 0);
});

test('logging out and in again is no loop', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);

  for (let i = 0; i < 4; i += 1) {
    assert.equal((await browser.open('/')).body, 'hello alice');
    await browser.open(LOGOUT, POST);
  }
});

test('a logout at the provider ends the sessions here, by its back channel', async () => {
  const cluster = new Cluster();
  let replica: Replica | undefined;
  const told: number[] = [];
  await using provider = await RealProvider.start({
    fetch: async (url, { method = 'GET', body, headers }) => {
      const { response } = await replica!.handle({
        url,
        method,
        body: await new Response(body).text(),
        headers: Object.fromEntries(new Headers(headers as Headers)),
        class: 'api',
      });
      told.push(response.status);
      return response;
    },
  });
  replica = await Replica.start(optionsFor(provider.url), cluster);
  const browser = new TestBrowser(replica);
  await browser.open('/');
  const sessions = cluster.sessions.count;

  await browser.open(`${provider.url}/session/end`);

  await waitUntil('the back channel', () => told.length > 0);
  assert.equal(sessions, 1);
  assert.deepEqual(told, [200]);
  assert.equal(cluster.sessions.count, 0);
  await replica[Symbol.asyncDispose]();
});

test('an ID token of 64 KiB makes neither a large cookie nor a large address', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.metadata = (honest) => ({ ...honest, end_session_endpoint: `${provider.url}/end` });
  provider.claims = (honest) => ({ ...honest, groups: ['x'.repeat(64 * 1024)] });
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');

  const octets = browser.cookieOctets;
  const response = await browser.send({ ...POST, url: `${APP_ORIGIN}${LOGOUT}` });

  assert.ok(octets < 200, `${octets} octets`);
  const end = new URL(response.headers.get('location')!);
  assert.equal(end.pathname, '/end');
  assert.ok(end.href.length < 500);
  assert.equal(end.searchParams.get('client_id'), 'web');
});

test('an answer that is larger than any provider needs is not read', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.claims = (honest) => ({ ...honest, groups: ['x'.repeat(1024 * 1024)] });
  await using replica = await Replica.start(optionsFor(provider.url));

  const shown = await new TestBrowser(replica).open('/');

  assert.equal(shown.status, 503);
  assert.equal(replica.cluster.sessions.count, 0);
});

test('a provider that names no usable logout address: the session here ends all the same', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.metadata = (honest) => ({ ...honest, end_session_endpoint: 'nowhere' });
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');

  const shown = await browser.open(LOGOUT, POST);

  assert.equal(shown.url, `${APP_ORIGIN}/.fairlead/corp/logged-out`);
  assert.equal(replica.cluster.sessions.count, 0);
});

test('a session of another issuer is none, once the policy names a new one', async () => {
  await using before = await RealProvider.start();
  await using after = await RealProvider.start();
  const cluster = new Cluster();
  await using old = await Replica.start(optionsFor(before.url), cluster);
  const browser = new TestBrowser(old);
  await browser.open('/');
  await using fresh = await Replica.start(optionsFor(after.url), cluster);
  browser.replica = fresh;
  after.user = 'bob';

  const shown = await browser.open('/');

  assert.equal(shown.body, 'hello bob');
});
