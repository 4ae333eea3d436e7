import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { makeIssuerKey } from '../../support/auth/issuer.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import type { Shown } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor, viewOf } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { CLIENT } from '../../support/oidc/real-provider.ts';

/**
 * The modules of the OpenID Connect conformance suite for relying parties that need no certification
 * server: one test each, under the module's name.
 */
interface Scene {
  readonly provider: MisbehavingProvider;
  readonly replica: Replica;
  readonly browser: TestBrowser;
  /** Logs in and gives the code of the page that came of it, or `hello alice`. */
  readonly outcome: () => Promise<string>;
}

/** The basic plan, which the form-post plan repeats with `response_mode=form_post`. */
const BASIC: ReadonlySet<string> = new Set([
  '',
  '-invalid-iss',
  '-missing-sub',
  '-invalid-aud',
  '-missing-iat',
  '-kid-absent-single-jwks',
  '-kid-absent-multiple-jwks',
  '-idtoken-sig-rs256',
  '-idtoken-sig-none',
  '-invalid-sig-rs256',
  '-userinfo-invalid-sub',
  '-nonce-invalid',
  '-scope-userinfo-claims',
  '-client-secret-basic',
]);

interface ModuleOptions {
  readonly options?: object;
  readonly algorithm?: string;
}

function module(
  name: string,
  { options = {}, algorithm }: ModuleOptions,
  body: (scene: Scene, context: TestContext) => Promise<void> | void,
): void {
  const title = `oidcc-client-test${name}`;
  run(title, { options, ...(algorithm !== undefined && { algorithm }) }, body);
  if (!BASIC.has(name)) return;
  run(`${title}, form_post`, { options: { ...options, responseMode: 'form_post' } }, body);
}

function run(
  title: string,
  { options = {}, algorithm = 'RS256' }: ModuleOptions,
  body: (scene: Scene, context: TestContext) => Promise<void> | void,
): void {
  test(title, async (context) => {
    await using provider = await MisbehavingProvider.start(algorithm);
    await using replica = await Replica.start(optionsFor(provider.url, options));
    const browser = new TestBrowser(replica);
    const outcome = async (): Promise<string> => outcomeOf(await browser.open('/'));
    await body({ provider, replica, browser, outcome }, context);
  });
}

function outcomeOf({ body }: Shown): string {
  return /oidc\.[a-z_]+/.exec(body)?.[0] ?? body;
}

/** The login is refused, for the reason given, and no session is there. */
async function refuses({ outcome, replica }: Scene, code: string): Promise<void> {
  assert.equal(await outcome(), code);
  assert.equal(replica.cluster.sessions.count, 0);
}

module('', {}, async ({ outcome }) => {
  assert.equal(await outcome(), 'hello alice');
});

module('-invalid-iss', {}, async (scene) => {
  scene.provider.claims = (honest) => ({ ...honest, iss: `${scene.provider.url}/` });
  await refuses(scene, 'oidc.token_invalid');
});

module('-missing-sub', {}, async (scene) => {
  scene.provider.claims = ({ sub: _sub, ...rest }) => rest;
  await refuses(scene, 'oidc.token_invalid');
});

module('-invalid-aud', {}, async (scene) => {
  scene.provider.claims = (honest) => ({ ...honest, aud: 'another-client' });
  await refuses(scene, 'oidc.token_invalid');
});

module('-missing-aud', {}, async (scene) => {
  scene.provider.claims = ({ aud: _aud, ...rest }) => rest;
  await refuses(scene, 'oidc.token_invalid');
});

module('-missing-iat', {}, async (scene) => {
  scene.provider.claims = ({ iat: _iat, ...rest }) => rest;
  await refuses(scene, 'oidc.token_invalid');
});

module('-nonce-invalid', {}, async (scene) => {
  scene.provider.claims = (honest) => ({ ...honest, nonce: 'of another login' });
  await refuses(scene, 'oidc.token_invalid');
});

module('-kid-absent-single-jwks', {}, async ({ provider, outcome }) => {
  provider.hasKeyIds = false;
  assert.equal(await outcome(), 'hello alice');
});

// The suite leaves both to the client; which of several keys was meant is not ours to guess (C2).
module('-kid-absent-multiple-jwks', {}, async (scene) => {
  scene.provider.hasKeyIds = false;
  scene.provider.keys = [...scene.provider.keys, await makeIssuerKey('RS256', 'k2')];
  await refuses(scene, 'oidc.token_invalid');
});

module('-idtoken-sig-rs256', {}, async ({ provider, outcome }) => {
  assert.equal(provider.signer.algorithm, 'RS256');
  assert.equal(await outcome(), 'hello alice');
});

// Allowed to be skipped in the suite; here it is refused, also when the provider announces it.
module('-idtoken-sig-none', {}, async (scene) => {
  scene.provider.idToken = (claims) => scene.provider.signNot(claims);
  await refuses(scene, 'oidc.token_invalid');
});

module('-invalid-sig-rs256', {}, async (scene) => {
  const other = await makeIssuerKey('RS256');
  scene.provider.idToken = (claims) => scene.provider.sign(claims, {}, other);
  await refuses(scene, 'oidc.token_invalid');
});

module('-invalid-sig-es256', { algorithm: 'ES256' }, async (scene) => {
  const other = await makeIssuerKey('ES256');
  scene.provider.idToken = (claims) => scene.provider.sign(claims, {}, other);
  await refuses(scene, 'oidc.token_invalid');
});

// With a good signature by the client secret: no symmetric algorithm is allowed at all.
module('-invalid-sig-hs256', {}, async (scene) => {
  scene.provider.idToken = (claims) => scene.provider.signHmac(claims);
  await refuses(scene, 'oidc.token_invalid');
});

module('-userinfo-invalid-sub', { options: { userinfo: true } }, async (scene) => {
  scene.provider.userinfo = (honest) => ({ ...honest, sub: 'mallory' });
  await refuses(scene, 'oidc.token_invalid');
});

module('-scope-userinfo-claims', { options: { userinfo: true } }, async (scene) => {
  assert.equal(await scene.outcome(), 'hello alice');
  assert.deepEqual(scene.replica.cluster.sessions.all()[0]?.identity.claims['groups'], ['admins']);
});

module('-userinfo-bearer-header', { options: { userinfo: true } }, async (scene) => {
  assert.equal(await scene.outcome(), 'hello alice');
  assert.deepEqual(scene.provider.userinfoRequests, [
    { url: '/userinfo', authorization: 'Bearer an-access-token' },
  ]);
});

// Nobody registered for a signed answer, so one is not taken: its signature would go unchecked.
module('-userinfo-signed', { options: { userinfo: true } }, async (scene) => {
  const { provider } = scene;
  const signed = await provider.sign({ sub: 'alice', iss: provider.url, aud: CLIENT.id });
  provider.userinfo = () => signed;
  await refuses(scene, 'oidc.token_invalid');
});

module('-client-secret-basic', {}, async ({ provider, outcome }) => {
  assert.equal(await outcome(), 'hello alice');
  const [request] = provider.tokenRequests;
  const [scheme, credentials = ''] = request?.authorization?.split(' ') ?? [];
  assert.equal(scheme, 'Basic');
  // RFC 6749 2.3.1: both parts are form-encoded first.
  assert.equal(decodeURIComponent(atob(credentials)), `${CLIENT.id}:${CLIENT.secret}`);
  assert.equal(request?.form.get('client_secret'), null);
});

module('-discovery-openid-config', {}, async ({ provider, outcome }) => {
  assert.equal(await outcome(), 'hello alice');
  assert.equal(provider.requests[0], '/.well-known/openid-configuration');
});

module('-discovery-jwks-uri-keys', {}, async ({ provider, outcome }) => {
  assert.equal(await outcome(), 'hello alice');
  assert.equal(provider.requests.filter((path) => path === '/keys').length, 1);
});

test('oidcc-client-test-discovery-issuer-mismatch', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.metadata = (honest) => ({ ...honest, issuer: 'https://elsewhere.example' });
  await using replica = await Replica.start(optionsFor(provider.url));

  const shown = await new TestBrowser(replica).open('/');

  assert.equal(shown.status, 503);
  assert.ok(!provider.requests.includes('/auth'));
});

module('-signing-key-rotation', {}, async ({ provider, browser, outcome }, { mock }) => {
  assert.equal(await outcome(), 'hello alice');
  await provider.rotate(true);
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 31_000 });

  const again = await browser.open('/.fairlead/corp/login');

  assert.equal(again.body, 'hello alice');
  assert.equal(provider.requests.filter((path) => path === '/keys').length, 2);
});

module('-signing-key-rotation-just-before-signing', {}, async ({ provider, outcome }) => {
  provider.idToken = async (claims) => {
    await provider.rotate(false);
    return provider.sign(claims);
  };
  assert.equal(await outcome(), 'hello alice');
});

for (const kind of ['aggregated', 'distributed'] as const) {
  module(`-${kind}-claims`, { options: { userinfo: true } }, async ({ provider, outcome }) => {
    const source = kind === 'aggregated' ? { JWT: 'a.b.c' } : { endpoint: 'https://evil.test/' };
    provider.userinfo = (honest) => ({
      ...honest,
      _claim_names: { address: 'src1' },
      _claim_sources: { src1: source },
    });

    assert.equal(await outcome(), 'hello alice');
    assert.equal(new Set(provider.requests).size, 5, 'nothing else was fetched');
  });
}

interface RefreshScene extends Scene {
  readonly kind: () => Promise<string>;
}

/** Logs in, lets the access token end, and asks again. */
function refreshModule(
  name: string,
  body: (scene: RefreshScene, context: TestContext) => Promise<void>,
): void {
  module(`-refresh-token${name}`, {}, async (scene, context) => {
    assert.equal(await scene.outcome(), 'hello alice');
    scene.replica.cluster.offsetMs = 301_000;
    const cookies = [...scene.browser.cookies].map(([key, { value }]) => [key, value] as const);
    const view = viewOf({ url: '/', cookies: new Map(cookies) });
    const kind = async (): Promise<string> => (await scene.replica.authenticate(view)).kind;
    await body({ ...scene, kind }, context);
  });
}

refreshModule('', async ({ kind, provider }) => {
  assert.equal(await kind(), 'identity');
  assert.equal(provider.tokenRequests[1]?.form.get('refresh_token'), 'refresh-1');
});

refreshModule('-invalid-issuer', async ({ kind, provider, replica }) => {
  provider.claims = (honest) => ({ ...honest, iss: 'https://elsewhere.example' });

  assert.equal(await kind(), 'pass');
  assert.equal(replica.cluster.sessions.count, 0);
});

refreshModule('-invalid-sub', async ({ kind, provider, replica }) => {
  provider.claims = (honest) => ({ ...honest, sub: 'mallory' });

  assert.equal(await kind(), 'pass');
  assert.equal(replica.cluster.sessions.count, 0);
});
