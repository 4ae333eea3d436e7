import assert from 'node:assert/strict';
import { test } from 'node:test';
import oidc from '../../../../plugins/oidc/oidc.ts';
import { LIMITS } from '../../../../plugins/oidc/limits.ts';
import { DEADLINES } from '../../../../src/core/deadlines.ts';
import { catalogueOf } from '../../../../src/plugin/host/load/catalogue.ts';
import { pluginFault } from '../../../../src/plugin/host/load/plugin-fault.ts';
import { validOptions } from '../../../support/oidc/harness.ts';

const MINIMAL = { issuer: 'https://login.example.com', client: { id: 'web', secret: 's' } };

async function complaints(more: object): Promise<readonly string[]> {
  const options = await validOptions({ ...MINIMAL, ...more });
  return oidc.check!(options).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('an issuer and a client are enough, and the rest has sane defaults', async () => {
  const options = await validOptions(MINIMAL);

  assert.deepEqual(oidc.check!(options), []);
  assert.deepEqual(options, {
    ...MINIMAL,
    scopes: ['openid'],
    responseMode: 'query',
    par: 'auto',
    forward: 'none',
    userinfo: false,
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
    allowPrivate: false,
    skew: 30_000,
  });
});

for (const [what, options] of Object.entries({
  'an unknown option': { secret: 'x' },
  'an unknown option of the client': { client: { id: 'web', secret: 's', password: 'x' } },
  'a symmetric algorithm': { algorithms: ['HS256'] },
  'no signature at all': { algorithms: ['none'] },
  'an empty list of algorithms': { algorithms: [] },
  'a scope with a blank': { scopes: ['openid profile'] },
  'too much skew': { skew: '2m' },
  'a number as skew': { skew: 30 },
  'a wildcard as a login host': { loginHosts: ['*.example.com'] },
  'a login host with a port': { loginHosts: ['app.example.com:8443'] },
  'an unknown response mode': { responseMode: 'fragment' },
  'a prompt that can show nobody anything': { prompt: 'none' },
})) {
  test(`${what} is refused by the schema`, async () => {
    const result = await oidc.options['~standard'].validate({ ...MINIMAL, ...options });

    assert.ok(result.issues !== undefined && result.issues.length > 0);
  });
}

test('an issuer must be https without query, fragment or user; plain http only on this machine', async () => {
  for (const issuer of [
    'http://login.example.com',
    'https://login.example.com/?x=y',
    'https://login.example.com/#x',
    'https://user@login.example.com/',
    'login.example.com',
    'http://127.0.0.1:8080',
  ]) {
    assert.equal((await complaints({ issuer })).length, 1, issuer);
  }
  for (const issuer of ['http://127.0.0.1:8080', 'http://localhost:80', 'http://[::1]:8080']) {
    assert.deepEqual(await complaints({ issuer, allowPrivate: true }), []);
  }
});

test('a client has exactly one credential, and a method that fits it', async () => {
  const id = 'web';
  const bad = [
    { id },
    { id, secret: 's', key: 'k.pem' },
    { id, cert: 'c.pem' },
    { id, cert: 'c.pem', secret: 's' },
    { id, secret: 's', method: 'private_key_jwt' },
    { id, key: 'k.pem', method: 'client_secret_post' },
    { id, secret: 's', keyId: 'k1' },
    { id, key: 'k.pem', cert: 'c.pem', keyId: 'k1' },
    { id, key: 'k.pem', cert: 'c.pem', method: 'private_key_jwt' },
  ];
  const good = [
    { id, secret: 's', method: 'client_secret_post' },
    { id, key: 'k.pem' },
    { id, key: 'k.pem', cert: 'c.pem' },
    { id, key: 'k.pem', cert: 'c.pem', method: 'tls_client_auth' },
  ];

  for (const client of bad) assert.equal((await complaints({ client })).length, 1);
  for (const client of good) assert.deepEqual(await complaints({ client }), []);
});

test('without openid there is no login, and a logout ends on the same host', async () => {
  assert.match((await complaints({ scopes: ['profile'] }))[0]!, /^scopes: without openid/);
  assert.match((await complaints({ postLogout: '//evil.test' }))[0]!, /^postLogout: wanted a path/);
  assert.deepEqual(await complaints({ postLogout: '/goodbye' }), []);
});

test('it keeps the contract, marks paths and secrets, and describes every option', () => {
  const schema = oidc.options['~standard'].jsonSchema.input({ target: 'draft-2020-12' }) as {
    additionalProperties: unknown;
    properties: Record<string, Property>;
  };
  const client = schema.properties['client']!;

  assert.equal(pluginFault(oidc), undefined);
  assert.equal(catalogueOf([oidc]).find('oidc'), oidc);
  assert.equal(schema.additionalProperties, false);
  assert.equal(client.additionalProperties, false);
  for (const each of [schema.properties, client.properties!]) {
    for (const property of Object.values(each)) assert.ok(property.description);
  }
  assert.equal(client.properties!['secret']!.secret, true);
  for (const name of ['key', 'cert']) assert.equal(client.properties![name]!.path, true);
  assert.equal(schema.properties['ca']!.path, true);
});

test('its waits are those of the deadline table', () => {
  assert.equal(LIMITS.attemptMs, DEADLINES.loginAttemptMs);
  assert.equal(LIMITS.requestMs, DEADLINES.loginRequestMs);
  assert.equal(LIMITS.retryMinMs, DEADLINES.loginRetryMinMs);
  assert.equal(LIMITS.retryMaxMs, DEADLINES.loginRetryMaxMs);
  assert.equal(LIMITS.refreshRetryMs, DEADLINES.loginRefreshRetryMs);
  // A callback answers by itself before the gateway gives its endpoint up.
  assert.ok(LIMITS.requestMs + LIMITS.answerMs < DEADLINES.pluginEndpointMs);
  assert.ok(LIMITS.requestMs < DEADLINES.pluginFetchMs);
  assert.ok(LIMITS.requestMs < LIMITS.refreshLeaseMs);
});

interface Property {
  readonly description?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Record<string, Property>;
  readonly secret?: boolean;
  readonly path?: boolean;
}
