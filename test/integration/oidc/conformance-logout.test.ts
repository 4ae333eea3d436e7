import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeIssuerKey } from '../../support/auth/issuer.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { at } from '../../support/oidc/endpoint.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN, CLIENT } from '../../support/oidc/real-provider.ts';

/**
 * The modules of the OpenID Connect conformance suite for logouts and for logins that others begin: one
 * test each, under the module's name. In each logout the person is logged in, and logs out here.
 */
interface Scene {
  readonly provider: MisbehavingProvider;
  readonly replica: Replica;
  readonly browser: TestBrowser;
}

function module(name: string, body: (scene: Scene) => Promise<void>): void {
  test(`oidcc-client-test-${name}`, async () => {
    await using provider = await MisbehavingProvider.start();
    await using replica = await Replica.start(optionsFor(provider.url));
    const browser = new TestBrowser(replica);
    assert.equal((await browser.open('/')).body, 'hello alice');
    await body({ provider, replica, browser });
  });
}

const logOut = ({ browser }: Scene) =>
  browser.open(at('logout'), { method: 'POST', body: '', headers: { origin: APP_ORIGIN } });

module('rp-init-logout', async (scene) => {
  const shown = await logOut(scene);

  const [asked] = scene.provider.logouts;
  assert.match(asked?.get('id_token_hint') ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.match(asked?.get('state') ?? '', /^[\w-]{22}$/);
  assert.equal(asked?.get('client_id'), CLIENT.id);
  assert.equal(asked?.get('post_logout_redirect_uri'), at('logged-out'));
  assert.equal(shown.status, 200, shown.body);
  assert.equal(scene.replica.cluster.sessions.count, 0);
});

module('rp-init-logout-other-state', async (scene) => {
  scene.provider.afterLogout = () => new URLSearchParams({ state: 'of-another-logout' });

  const shown = await logOut(scene);

  assert.equal(shown.status, 400);
  assert.match(shown.body, /oidc\.logout_state/);
  assert.doesNotMatch(shown.body, /You are signed out/);
});

test('the page after a logout may be reloaded, and opened by whoever waits for none', async () => {
  await using provider = await MisbehavingProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const browser = new TestBrowser(replica);
  await browser.open('/');
  const shown = await logOut({ provider, replica, browser });

  const again = await browser.open(shown.url);
  const stranger = await new TestBrowser(replica).open(shown.url);

  assert.deepEqual([shown.status, again.status, stranger.status], [200, 200, 200]);
});

module('rp-init-logout-no-state', async (scene) => {
  scene.provider.afterLogout = () => new URLSearchParams();

  const shown = await logOut(scene);

  assert.equal(shown.status, 200, shown.body);
  assert.equal(scene.replica.cluster.sessions.count, 0);
});

type Token = (scene: Scene) => Promise<string> | string;

/** The logout token of `make` comes while the person is logged in. */
function backChannel(name: string, make: Token, status: 200 | 400): void {
  module(`rp-backchannel-rpinitlogout${name}`, async (scene) => {
    const body = `logout_token=${await make(scene)}`;

    const answer = await scene.browser.send({
      method: 'POST',
      body,
      url: at('backchannel-logout'),
      isCrossSite: true,
    });

    assert.equal(answer.status, status, await answer.text());
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(scene.replica.cluster.sessions.count, status === 200 ? 0 : 1);
  });
}

const claimsOf = (token: string) =>
  JSON.parse(atob(token.split('.')[1]!)) as Record<string, unknown>;
const token =
  (claims: Record<string, unknown>): Token =>
  ({ provider }) =>
    provider.logoutToken({ sid: 's1', sub: 'alice', ...claims });

backChannel('', token({}), 200);
backChannel('-wrong-iss', token({ iss: 'https://elsewhere.example' }), 400);
backChannel('-wrong-aud', token({ aud: 'another-client' }), 400);
backChannel('-no-event', token({ events: undefined }), 400);
backChannel('-wrong-event', token({ events: { 'https://elsewhere.example/event': {} } }), 400);
backChannel('-with-nonce', token({ nonce: 'n' }), 400);
backChannel(
  '-alg-none',
  async (scene) => scene.provider.signNot(claimsOf(await token({})(scene))),
  400,
);
// By the client secret, and by a key that is published under an algorithm that nobody allowed.
backChannel(
  '-wrong-alg',
  async (scene) => scene.provider.signHmac(claimsOf(await token({})(scene))),
  400,
);
backChannel(
  '-wrong-alg, of a published key',
  async ({ provider }) => {
    const key = await makeIssuerKey('ES384', 'k384');
    provider.keys = [...provider.keys, key];
    const honest = claimsOf(await provider.logoutToken({ sid: 's1' }));
    return provider.sign(honest, { typ: 'logout+jwt' }, key);
  },
  400,
);

module('rp-frontchannel-rpinitlogout', async (scene) => {
  const { provider, replica } = scene;
  const query = new URLSearchParams({ iss: provider.url, sid: 's1' }).toString();

  // In a frame of the provider, so without a cookie.
  const frame = await new TestBrowser(replica).open(at(`frontchannel-logout?${query}`));

  assert.equal(frame.status, 200);
  assert.equal(frame.headers.get('cache-control'), 'no-store');
  assert.equal(replica.cluster.sessions.count, 0);
});

test('oidcc-client-test-3rd-party-init-login', async () => {
  await using provider = await MisbehavingProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  const query = new URLSearchParams({
    iss: provider.url,
    login_hint: 'alice@example.com',
    target_link_uri: `${APP_ORIGIN}/deep/page`,
  });

  const shown = await new TestBrowser(replica).open(at(`login?${query.toString()}`));

  const begun = new URL(shown.trail[1]!);
  assert.equal(`${begun.origin}${begun.pathname}`, `${provider.url}/auth`);
  assert.equal(begun.searchParams.get('login_hint'), 'alice@example.com');
  assert.equal(shown.url, `${APP_ORIGIN}/deep/page`);
  assert.equal(shown.body, 'hello alice');
});
