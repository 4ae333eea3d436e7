import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Cluster, Replica, optionsFor, viewOf } from '../../support/oidc/harness.ts';
import { APP_ORIGIN, RealProvider } from '../../support/oidc/real-provider.ts';

/** The authorization URL that a browser is sent to first. */
async function authorizationUrl(replica: Replica, path = '/'): Promise<URL> {
  const response = await new TestBrowser(replica).send({ url: `${APP_ORIGIN}${path}` });
  assert.equal(response.status, 302);
  return new URL(response.headers.get('location')!);
}

test('a person without a session is logged in and ends at the page that was wanted', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);

  const shown = await browser.open('/things?a=b&c=%2F');

  assert.equal(shown.body, 'hello alice');
  assert.equal(shown.url, `${APP_ORIGIN}/things?a=b&c=%2F`);
  assert.equal((await browser.open('/other')).trail.length, 1, 'the session is there');
});

test('a login is asked for with code, PKCE S256, state, nonce and one redirect URI', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));

  const { origin, pathname, searchParams } = await authorizationUrl(replica);
  const second = (await authorizationUrl(replica)).searchParams;

  assert.equal(`${origin}${pathname}`, `${provider.url}/auth`);
  assert.equal(searchParams.get('response_type'), 'code');
  assert.equal(searchParams.get('code_challenge_method'), 'S256');
  assert.equal(searchParams.get('redirect_uri'), `${APP_ORIGIN}/.fairlead/corp/callback`);
  assert.equal(searchParams.get('scope'), 'openid');
  for (const name of ['state', 'nonce', 'code_challenge']) {
    assert.notEqual(searchParams.get(name), null);
    assert.notEqual(searchParams.get(name), second.get(name), `${name} is of one attempt`);
  }
});

test('the callback answers 303, uncached, and tells no other site where it was', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  browser.onStep = ({ url }) => !url.includes('/callback');
  const stopped = await browser.open('/');

  const response = await browser.send({ url: stopped.url });

  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), '/');
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(response.headers.get('cache-control'), 'no-store');
});

test('form_post: the provider posts, and the login cookie alone may come along', async () => {
  await using provider = await RealProvider.start();
  const options = optionsFor(provider.url, { responseMode: 'form_post' });
  await using replica = await Replica.start(options);
  const browser = new TestBrowser(replica);

  const shown = await browser.open('/deep/page');

  assert.equal(shown.body, 'hello alice');
  assert.equal(shown.url, `${APP_ORIGIN}/deep/page`);
  const crossSite = [...browser.cookies].filter(([, { isCrossSite }]) => isCrossSite);
  assert.deepEqual(
    crossSite.map(([name]) => name),
    ['__Host-fairlead-corp.login'],
  );
});

test('an issuer that is not exactly the one in the metadata is not believed', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(`${provider.url}/`));

  const shown = await new TestBrowser(replica).open('/');

  assert.equal(shown.status, 503);
  assert.match(replica.cluster.lines.join('\n'), /names another issuer/);
});

test('ten tabs that are opened at once all end logged in', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  const tabs = Array.from({ length: 10 }, (_, tab) => `/tab/${tab}`);

  const shown = await Promise.all(tabs.map((tab) => browser.open(tab)));

  for (const [tab, { body, url }] of shown.entries()) {
    assert.equal(body, 'hello alice');
    assert.equal(url, `${APP_ORIGIN}/tab/${tab}`);
  }
});

test('ten tabs of a browser that was here before all end logged in, by one code', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.send({ url: `${APP_ORIGIN}/` });
  const stops = await Promise.all(
    Array.from({ length: 10 }, async (_, tab) => {
      const at = await browser.send({ url: `${APP_ORIGIN}/tab/${tab}` });
      return at.headers.get('location')!;
    }),
  );

  const shown = [];
  for (const stop of stops) shown.push(await browser.open(stop));

  assert.deepEqual(
    shown.map(({ body }) => body),
    Array.from({ length: 10 }, () => 'hello alice'),
  );
  assert.equal(provider.tokenRequests, 1);
  assert.equal(replica.cluster.sessions.count, 1);
});

test('a thousand abandoned logins leave the request headers no larger', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.send({ url: `${APP_ORIGIN}/` });
  const before = browser.cookieOctets;

  for (let i = 0; i < 1000; i += 1) await browser.send({ url: `${APP_ORIGIN}/page/${i}` });

  assert.equal(browser.cookieOctets, before);
  assert.ok(before < 100, `${before} octets`);
  assert.equal((await browser.open('/')).body, 'hello alice');
});

test('a callback that was used shows the page again while the session is there', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  const { trail } = await browser.open('/page');
  const callback = trail.find((url) => url.includes('/callback'))!;

  const again = await browser.open(callback);

  assert.equal(again.url, `${APP_ORIGIN}/page`);
  assert.equal(again.body, 'hello alice');
  assert.equal(provider.tokenRequests, 1);
});

test('each login gets a new session id, and the session before it ends', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');
  const first = browser.cookies.get('__Host-fairlead-corp.session')!.value;
  await new Promise((resolve) => setTimeout(resolve, 2));

  await browser.open('/.fairlead/corp/login?return_to=/next');

  const second = browser.cookies.get('__Host-fairlead-corp.session')!.value;
  assert.notEqual(first, second);
  assert.equal(replica.cluster.sessions.count, 1);
});

test('a replica opens what another began, and a third party may begin a login', async () => {
  await using provider = await RealProvider.start();
  const cluster = new Cluster();
  await using one = await Replica.start(optionsFor(provider.url), cluster);
  await using two = await Replica.start(optionsFor(provider.url), cluster);
  const browser = new TestBrowser(one);
  browser.onStep = ({ url }) => {
    if (url.includes('/callback')) browser.replica = two;
    return true;
  };
  const target = encodeURIComponent(`${APP_ORIGIN}/there`);
  const issuer = encodeURIComponent(provider.url);

  const shown = await browser.open(`/.fairlead/corp/login?iss=${issuer}&target_link_uri=${target}`);

  assert.equal(shown.body, 'hello alice');
  assert.equal(shown.url, `${APP_ORIGIN}/there`);
});

test('clients that are no page load are not sent anywhere', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));

  for (const kind of ['api', 'websocket', 'grpc'] as const) {
    const { response, setCookies } = await replica.handle({ url: '/', class: kind });

    assert.equal(response.status, 401);
    assert.equal(response.headers.get('location'), null);
    assert.deepEqual(setCookies, []);
  }
});

test('a valid session is judged at once when the session service answers at once', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');
  const cookies = new Map([...browser.cookies].map(([name, { value }]) => [name, value]));
  const view = viewOf({ url: '/', cookies });

  const now = replica.authenticate(view);
  replica.cluster.sessions.isLate = true;
  const late = replica.authenticate(view);

  assert.ok(!(now instanceof Promise) && now.kind === 'identity');
  assert.ok(late instanceof Promise && (await late).kind === 'identity');
});

test('what is known of the person: subject, issuer, claims, when, and no token', async () => {
  await using provider = await RealProvider.start({
    claims: { org: 'acme', plan: 'gold' },
    client: { require_auth_time: true },
  });
  const scopes = ['openid', 'profile'];
  const options = optionsFor(provider.url, { scopes, userinfo: true });
  await using replica = await Replica.start(options);
  await new TestBrowser(replica).open('/');

  const [{ identity, data } = assert.fail('no session')] = replica.cluster.sessions.all();

  assert.equal(identity.subject, 'alice');
  assert.equal(identity.issuer, provider.url);
  assert.equal(identity.method, 'oidc');
  assert.equal(identity.claims['org'], 'acme');
  assert.equal(identity.claims['nonce'], undefined);
  assert.ok(Math.abs(identity.authenticatedAt - Date.now()) < 60_000);
  assert.ok(!JSON.stringify(data).includes('accessToken'), 'nobody asked for it');
});

test('with forward: access-token the session has it', async () => {
  await using provider = await RealProvider.start();
  const options = optionsFor(provider.url, { forward: 'access-token' });
  await using replica = await Replica.start(options);
  await new TestBrowser(replica).open('/');

  const [{ data } = assert.fail('no session')] = replica.cluster.sessions.all();

  assert.match(JSON.stringify(data), /"accessToken":"[^"]{20,}"/);
});
