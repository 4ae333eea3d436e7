import assert from 'node:assert/strict';
import { test } from 'node:test';
import jwt from '../../../../plugins/jwt/jwt.ts';
import { catalogueOf } from '../../../../src/plugin/host/load/catalogue.ts';
import { pluginFault } from '../../../../src/plugin/host/load/plugin-fault.ts';
import { makeIssuerKey } from '../../../support/auth/issuer.ts';
import { validOptions } from '../../../support/auth/jwt-harness.ts';

const LEAST = { issuer: 'https://issuer.example', audience: 'app' };

test('issuer and audience are enough', async () => {
  const options = await validOptions(LEAST);

  assert.deepEqual(options, {
    issuer: 'https://issuer.example',
    audience: { claim: 'aud', is: ['app'] },
    subject: { claims: ['sub'] },
    jwks: { allowPrivate: false },
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
    skew: 30_000,
  });
  assert.deepEqual(jwt.check!(options), []);
});

const REFUSED: Readonly<Record<string, object>> = {
  'no audience': { audience: undefined },
  'no issuer': { issuer: undefined },
  'an empty audience list': { audience: [] },
  'an audience claim without values': { audience: { claim: 'client_id' } },
  'audience values without a claim': { audience: { is: 'app' } },
  'an empty list of audience values': { audience: { claim: 'client_id', is: [] } },
  'an audience with a member unknown': { audience: { claim: 'client_id', is: 'app', or: 'b' } },
  'a subject that is a text': { subject: 'client_id' },
  'a subject without a claim': { subject: {} },
  'a subject of no claims': { subject: { claim: [] } },
  'R-27: HS256': { algorithms: ['RS256', 'HS256'] },
  'R-27: none': { algorithms: ['none'] },
  'no algorithm at all': { algorithms: [] },
  'R-31: a skew above a minute': { skew: '61s' },
  'a skew without a unit': { skew: '30' },
  'a skew that is a number': { skew: 30 },
  'two sources of keys': { jwks: { url: 'https://a.example/keys', file: '/keys.json' } },
  'an unknown member': { audiences: 'app' },
  'an unknown member of jwks': { jwks: { uri: 'https://a.example/keys' } },
  'no keys in a list of keys': { jwks: { keys: [] } },
};

for (const [name, more] of Object.entries(REFUSED)) {
  test(`refuses ${name}`, async () => {
    const result = await jwt.options['~standard'].validate({ ...LEAST, ...more });

    assert.notEqual(result.issues, undefined);
  });
}

const ODD: readonly (readonly [name: string, options: object, RegExp])[] = [
  ['an issuer over plain http', { issuer: 'http://issuer.example' }, /not https/],
  ['an issuer on loopback', { issuer: 'https://127.0.0.1:8443' }, /not a public address/],
  ['an issuer that is no URL', { issuer: 'my issuer' }, /not a URL/],
  ['an issuer with a query', { issuer: 'https://issuer.example/?a=b' }, /has no discovery/],
  ['keys at a private address', { jwks: { url: 'https://10.0.0.1/keys' } }, /not a public address/],
  ['keys with a user name', { jwks: { url: 'https://a:b@c.example/keys' } }, /carries a user name/],
];

for (const [name, more, message] of ODD) {
  test(`check() complains of ${name}`, async () => {
    const complaints = jwt.check!(await validOptions({ ...LEAST, ...more }));

    assert.match(complaints[0]?.message ?? '', message);
  });
}

test('check() complains of a private key among the keys', async () => {
  const { jwk } = await makeIssuerKey();
  const options = await validOptions({ ...LEAST, jwks: { keys: [jwk, { ...jwk, d: 'AAAA' }] } });

  const complaints = jwt.check!(options);

  assert.deepEqual(complaints[0]?.path, ['jwks', 'keys', 1]);
  assert.match(complaints[0]?.message ?? '', /it is a private key/);
});

test('any text is an issuer where keys are given', async () => {
  const { jwk } = await makeIssuerKey();
  const options = await validOptions({ ...LEAST, issuer: 'partner', jwks: { keys: [jwk] } });

  assert.deepEqual(jwt.check!(options), []);
});

test('plain http to loopback is possible where private addresses are allowed', async () => {
  const jwks = { allowPrivate: true };
  const options = await validOptions({ ...LEAST, issuer: 'http://127.0.0.1:8080', jwks });
  const remote = await validOptions({ ...LEAST, issuer: 'http://10.0.0.1', jwks });

  assert.deepEqual(jwt.check!(options), []);
  assert.match(jwt.check!(remote)[0]?.message ?? '', /not https/);
});

test('it keeps the contract, and every option has a description', () => {
  const schema = jwt.options['~standard'].jsonSchema.input({ target: 'draft-2020-12' }) as {
    additionalProperties: unknown;
    properties: Record<string, { description?: string }>;
  };

  assert.equal(pluginFault(jwt), undefined);
  assert.equal(catalogueOf([jwt]).find('jwt'), jwt);
  assert.equal(schema.additionalProperties, false);
  for (const property of Object.values(schema.properties)) assert.ok(property.description);
});
