import assert from 'node:assert/strict';
import { test } from 'node:test';
import jwt from '../../../plugins/jwt/jwt.ts';
import oidc from '../../../plugins/oidc/oidc.ts';
import { validOptions as jwtOptions } from '../../support/auth/jwt-harness.ts';
import { validOptions as oidcOptions } from '../../support/oidc/harness.ts';

const TOKENS = { issuer: 'https://issuer.example', audience: ['a', 'b'], maxAge: '1h' };
const KEY = { kty: 'RSA', n: 'AQAB', e: 'AQAB' };

const JWT: readonly (readonly [what: string, may: boolean, before: object, next: object])[] = [
  ['keys elsewhere', true, {}, { jwks: { url: 'https://keys.example/keys' } }],
  ['another authority of the connection', true, { jwks: { ca: 'a.pem' } }, {}],
  ['an audience more', true, {}, { audience: ['c', 'a', 'b'] }],
  ['an audience less', false, {}, { audience: 'a' }],
  ['another claim of the audience', false, {}, { audience: { claim: 'azp', is: ['a', 'b'] } }],
  ['another issuer', false, {}, { issuer: 'https://other.example' }],
  ['another subject', false, {}, { subject: { claim: 'client_id' } }],
  ['an algorithm less', false, {}, { algorithms: ['ES256'] }],
  ['a type', false, {}, { typ: 'at+jwt' }],
  ['a shorter age', false, {}, { maxAge: '1m' }],
  ['less skew', false, {}, { skew: '1s' }],
  ['keys that were in the policy', false, { jwks: { keys: [KEY] } }, {}],
  ['keys that were in a file', false, { jwks: { file: 'a.json' } }, { jwks: { file: 'b.json' } }],
];

for (const [what, may, before, next] of JWT) {
  test(`jwt: with ${what} the instance before ${may ? 'may' : 'may not'} stand in`, async () => {
    const [old, young] = [
      { ...TOKENS, ...before },
      { ...TOKENS, ...next },
    ];

    assert.equal(jwt.mayStandIn!(await jwtOptions(old), await jwtOptions(young)), may);
  });
}

const CLIENT = { id: 'web', secret: 'a' };
const LOGIN = { issuer: 'https://login.example', client: CLIENT, loginHosts: ['app.example'] };

const OIDC: readonly (readonly [what: string, may: boolean, next: object])[] = [
  ['another secret', true, { client: { ...CLIENT, secret: 'b' } }],
  ['another way to prove itself', true, { client: { id: 'web', key: 'key.pem' } }],
  ['another authority of the connection', true, { ca: 'a.pem' }],
  ['private addresses', true, { allowPrivate: true }],
  ['pushed requests', true, { par: 'required' }],
  ['another way back', true, { responseMode: 'form_post' }],
  ['other scopes', true, { scopes: ['openid', 'offline_access'] }],
  ['another end of a logout', true, { postLogout: '/bye' }],
  ['another issuer', false, { issuer: 'https://other.example' }],
  ['another client', false, { client: { ...CLIENT, id: 'other' } }],
  ['an algorithm less', false, { algorithms: ['ES256'] }],
  ['a prompt', false, { prompt: 'login' }],
  ['another forwarding of tokens', false, { forward: 'access-token' }],
  ['userinfo', false, { userinfo: true }],
  ['other hosts', false, { loginHosts: ['other.example'] }],
  ['less skew', false, { skew: '1s' }],
];

for (const [what, may, next] of OIDC) {
  test(`oidc: with ${what} the instance before ${may ? 'may' : 'may not'} stand in`, async () => {
    const old = await oidcOptions(LOGIN);

    assert.equal(oidc.mayStandIn!(old, await oidcOptions({ ...LOGIN, ...next })), may);
  });
}
