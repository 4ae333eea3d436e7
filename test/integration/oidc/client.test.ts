import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exportJWK } from 'jose';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN, CLIENT, RealProvider } from '../../support/oidc/real-provider.ts';

/** The authorization URL that a browser is sent to from a path. */
async function authorizationUrl(replica: Replica, path = '/'): Promise<URL> {
  const response = await new TestBrowser(replica).send({ url: `${APP_ORIGIN}${path}` });
  assert.ok([302, 303].includes(response.status), `${response.status}`);
  return new URL(response.headers.get('location')!);
}

test('a provider that has PAR gets the request pushed, and the browser a reference', async () => {
  await using provider = await RealProvider.start({ par: true });
  await using replica = await Replica.start(optionsFor(provider.url));
  const { searchParams } = await authorizationUrl(replica);

  const shown = await new TestBrowser(replica).open('/');

  assert.deepEqual([...searchParams.keys()].sort(), ['client_id', 'request_uri']);
  assert.equal(shown.body, 'hello alice');
  assert.ok(provider.requests.includes('/request'));
});

test('with par: off nothing is pushed', async () => {
  await using provider = await RealProvider.start({ par: true });
  await using replica = await Replica.start(optionsFor(provider.url, { par: 'off' }));

  assert.equal((await new TestBrowser(replica).open('/')).body, 'hello alice');
  assert.ok(!provider.requests.includes('/request'));
});

for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
  test(`the client proves itself by ${method}`, async () => {
    await using provider = await RealProvider.start({
      client: { token_endpoint_auth_method: method },
    });
    const client = { ...CLIENT, method };
    await using replica = await Replica.start(optionsFor(provider.url, { client }));

    assert.equal((await new TestBrowser(replica).open('/')).body, 'hello alice');
  });
}

test('a provider that only takes the secret in the body gets it there', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.metadata = (honest) => ({
    ...honest,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
  });
  await using replica = await Replica.start(optionsFor(provider.url));

  assert.equal((await new TestBrowser(replica).open('/')).body, 'hello alice');

  const [request] = provider.tokenRequests;
  assert.equal(request?.authorization, undefined);
  assert.equal(request?.form.get('client_secret'), CLIENT.secret);
});

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const KEYS: readonly (readonly [string, () => KeyPair])[] = [
  ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['Ed25519', () => generateKeyPairSync('ed25519')],
];

for (const [algorithm, generate] of KEYS) {
  test(`the client proves itself by private_key_jwt with ${algorithm}, and no secret is anywhere`, async () => {
    const { privateKey, publicKey } = generate();
    const folder = await mkdtemp(join(tmpdir(), 'oidc-'));
    const file = join(folder, 'client.pem');
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const jwk = { ...(await exportJWK(publicKey)), kid: 'c1', alg: algorithm, use: 'sig' };
    await using provider = await RealProvider.start({
      client: {
        client_secret: undefined,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: algorithm,
        jwks: { keys: [jwk] },
      },
    });
    const client = { id: CLIENT.id, key: file, keyId: 'c1' };
    await using replica = await Replica.start(optionsFor(provider.url, { client }));

    assert.equal((await new TestBrowser(replica).open('/')).body, 'hello alice');
    await rm(folder, { recursive: true });
  });
}

test('with par: required the request is pushed', async () => {
  await using provider = await RealProvider.start({ par: true });
  await using replica = await Replica.start(optionsFor(provider.url, { par: 'required' }));

  const { searchParams } = await authorizationUrl(replica);

  assert.deepEqual([...searchParams.keys()].sort(), ['client_id', 'request_uri']);
});

test('with par: required nobody is sent to a provider that has none', async () => {
  await using provider = await RealProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url, { par: 'required' }));

  const shown = await new TestBrowser(replica).open('/');

  assert.equal(shown.status, 502);
  assert.match(shown.body, /oidc\.client_rejected/);
  assert.ok(!provider.requests.includes('/auth'));
  assert.match(
    replica.cluster.lines.join('\n'),
    /par is required, and the provider has no endpoint/,
  );
});

test('prompt and login_hint reach the provider', async () => {
  await using provider = await RealProvider.start();
  const options = optionsFor(provider.url, { prompt: 'select_account' });
  await using replica = await Replica.start(options);

  const path = '/.fairlead/corp/login?login_hint=alice%40example.com';
  const { searchParams } = await authorizationUrl(replica, path);

  assert.equal(searchParams.get('prompt'), 'select_account');
  assert.equal(searchParams.get('login_hint'), 'alice@example.com');
});
