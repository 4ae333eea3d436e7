import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JWTPayload } from 'jose';
import type { Identity } from '../../../src/plugin/contract.ts';
import { makeIssuerKey, signWith } from '../../support/auth/issuer.ts';
import type { IssuerKey } from '../../support/auth/issuer.ts';
import { jwtHarness, signTexts } from '../../support/auth/jwt-harness.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { CLIENT } from '../../support/oidc/real-provider.ts';

// What access tokens and ID tokens have in common: one table, so that the two plugins cannot part.

type Claims = Readonly<Record<string, unknown>>;

interface Row {
  readonly name: string;
  /** Members that replace those of a good token, as JSON; `now` is in seconds. */
  readonly more?: (now: number) => string;
  /** Published keys, of the one that signs. Default: it alone. */
  readonly keys?: (key: IssuerKey) => readonly IssuerKey[];
  readonly key?: IssuerKey;
  readonly alg?: string;
  readonly hasKeyId?: boolean;
  readonly isRefused?: boolean;
  /** What `identity.claims.x` must be. */
  readonly x?: unknown;
}

/** Node has it, TypeScript's library not yet: digits that `JSON.stringify` leaves alone. */
const { rawJSON: asWritten } = JSON as unknown as { rawJSON: (text: string) => unknown };
const key = await makeIssuerKey();
const stranger = await makeIssuerKey();
const edKey = await makeIssuerKey('EdDSA', 'ed');
const named = (of: IssuerKey, kid: string): IssuerKey => ({ ...of, jwk: { ...of.jwk, kid } });
const at =
  (name: string, seconds: number, fraction = '') =>
  (now: number) =>
    `"${name}":${now + seconds}${fraction}`;

const ROWS: readonly Row[] = [
  { name: 'a good token' },
  { name: 'exp with a fraction', more: at('exp', 300, '.336421') },
  { name: 'iat with a fraction', more: at('iat', -1, '.5') },
  { name: 'nbf with a fraction', more: at('nbf', -2, '.25') },
  { name: 'auth_time with a fraction', more: at('auth_time', -9, '.5') },
  { name: 'times of nanoseconds', more: at('iat', -1, '.123456789') },
  { name: 'exp in exponent notation', more: (now) => `"exp":${(now + 300) / 1e9}E9` },
  { name: 'exp beyond all dates', more: () => '"exp":1e15' },
  { name: 'exp beyond 2^53', more: () => '"exp":9007199254740993' },
  { name: 'exp beyond a double', more: () => '"exp":1e400', isRefused: true },
  { name: 'exp below zero', more: () => '"exp":-1', isRefused: true },
  { name: 'exp that is a text', more: () => '"exp":"2099"', isRefused: true },
  { name: 'exp that is null', more: () => '"exp":null', isRefused: true },
  { name: 'auth_time that is a text', more: () => '"auth_time":"now"', isRefused: true },
  { name: 'auth_time in the future', more: at('auth_time', 1e6) },
  { name: 'expired within the skew', more: at('exp', -20) },
  { name: 'expired beyond the skew', more: at('exp', -40), isRefused: true },
  { name: 'expired by a fraction beyond the skew', more: at('exp', -40, '.5'), isRefused: true },
  { name: 'issued ahead within the skew', more: at('iat', 20) },
  { name: 'issued ahead beyond the skew', more: at('iat', 60), isRefused: true },
  { name: 'nbf ahead within the skew', more: at('nbf', 20) },
  { name: 'nbf ahead beyond the skew', more: at('nbf', 60), isRefused: true },

  { name: 'an integer beyond 2^53', more: () => '"x":9007199254740993', x: 2n ** 53n + 1n },
  { name: 'one in exponents', more: () => '"x":9.007199254740993e15', x: 2n ** 53n + 1n },
  {
    name: 'one below zero',
    more: () => '"x":[{"y":-9007199254740993}]',
    x: [{ y: -(2n ** 53n) - 1n }],
  },
  { name: 'an integer within', more: () => '"x":9007199254740991', x: 2 ** 53 - 1 },
  { name: 'a fraction that is kept', more: () => '"x":0.1', x: 0.1 },
  { name: 'a fraction that is lost', more: () => '"x":[1.00000000000000001,1]', x: [null, 1] },
  { name: 'a claim beyond a double', more: () => '"x":[1e400]', isRefused: true },

  { name: 'Ed25519 under its older name', key: edKey, alg: 'EdDSA' },
  { name: 'Ed25519 under its newer name', key: edKey, alg: 'Ed25519' },
  { name: 'a key listed twice', keys: (own) => [own, own] },
  { name: 'a key listed twice, no kid', keys: (own) => [own, own], hasKeyId: false },
  { name: 'a key under two names', keys: (own) => [own, named(own, 'k2')], hasKeyId: false },
  { name: 'two keys under one name', keys: (own) => [own, stranger], isRefused: true },
  {
    name: 'two keys, no kid',
    keys: (own) => [own, named(stranger, 'k2')],
    hasKeyId: false,
    isRefused: true,
  },

  { name: 'a list of our audience', more: () => `"aud":["${CLIENT.id}"]` },
  { name: 'several audiences without azp', more: () => `"aud":["other","${CLIENT.id}","more"]` },
  {
    name: 'several audiences with our azp',
    more: () => `"aud":["${CLIENT.id}","o"],"azp":"${CLIENT.id}"`,
  },
  { name: 'azp beside one audience', more: () => `"azp":"${CLIENT.id}"` },
  { name: 'an empty audience list', more: () => '"aud":[]', isRefused: true },
  { name: 'audiences without ours', more: () => '"aud":["other","more"]', isRefused: true },
  {
    name: 'an audience in capitals',
    more: () => `"aud":"${CLIENT.id.toUpperCase()}"`,
    isRefused: true,
  },
  {
    name: 'an audience that is an object',
    more: () => `"aud":{"0":"${CLIENT.id}"}`,
    isRefused: true,
  },
];

async function tokenOf(row: Row, honest: Claims, now: number): Promise<string> {
  const signer = row.key ?? key;
  const more = row.more?.(now) ?? '"x":1';
  const replaced = new Set(Object.keys(JSON.parse(`{${more}}`) as Claims));
  const kept = Object.entries(honest).filter(([name]) => !replaced.has(name));
  const text = `${JSON.stringify(Object.fromEntries(kept)).slice(0, -1)},${more}}`;
  const kid = row.hasKeyId === false ? undefined : signer.keyId;
  if (signer !== key)
    return signWith(signer, JSON.parse(text) as JWTPayload, { alg: row.alg, kid });
  return signTexts(key, JSON.stringify({ alg: 'ES256', kid }), text);
}

const publishedOf = (row: Row) => row.keys?.(row.key ?? key) ?? [row.key ?? key];

async function accessToken(row: Row): Promise<Identity | undefined> {
  const issuer = 'https://issuer.example';
  const jwks = { keys: publishedOf(row).map(({ jwk }) => jwk) };
  const { clock, present } = await jwtHarness({ issuer, audience: CLIENT.id, jwks });
  const now = clock.now() / 1000;
  const honest = { iss: issuer, aud: CLIENT.id, sub: 'u1', iat: now, exp: now + 300 };
  const result = await present(`Bearer ${await tokenOf(row, honest, now)}`);
  return result.kind === 'identity' ? result.identity : undefined;
}

async function idToken(row: Row): Promise<Identity | undefined> {
  await using provider = await MisbehavingProvider.start('ES256');
  provider.keys = publishedOf(row);
  provider.idToken = (honest) => tokenOf(row, honest, Math.floor(Date.now() / 1000));
  await using replica = await Replica.start(optionsFor(provider.url));
  await new TestBrowser(replica).open('/');
  return replica.cluster.sessions.all()[0]?.identity;
}

for (const [kind, judge] of [
  ['access', accessToken],
  ['ID', idToken],
] as const) {
  for (const row of ROWS) {
    test(`${row.name}: the ${kind} token is ${row.isRefused === true ? 'refused' : 'good'}`, async () => {
      const identity = await judge(row);

      assert.equal(identity === undefined, row.isRefused === true);
      if (row.x !== undefined) assert.deepEqual(identity?.claims['x'], row.x);
    });
  }
}

test('azp of another client: an ID token is not for us, an access token may come of any client', async () => {
  for (const aud of [CLIENT.id, [CLIENT.id, 'other']]) {
    const row = { name: '', more: () => `"aud":${JSON.stringify(aud)},"azp":"other"` };

    assert.equal(await idToken(row), undefined);
    assert.equal((await accessToken(row))?.subject, 'u1');
  }
});

for (const { what, options, isRefused } of [
  { what: 'by an algorithm that the policy names', options: { algorithms: ['ES256'] } },
  {
    what: 'by an algorithm that the policy leaves out',
    options: { algorithms: ['RS256'] },
    isRefused: true,
  },
  { what: 'over for less than the skew of the policy', options: { skew: '50s' } },
  {
    what: 'over for longer than the skew of the policy',
    options: { skew: '10s' },
    isRefused: true,
  },
]) {
  test(`an ID token ${what} is ${isRefused === true ? 'no' : 'a'} login`, async () => {
    await using provider = await MisbehavingProvider.start('ES256');
    const more = 'skew' in options ? { exp: Math.floor(Date.now() / 1000) - 20 } : {};
    provider.claims = (honest) => ({ ...honest, ...more });
    await using replica = await Replica.start(optionsFor(provider.url, options));

    await new TestBrowser(replica).open('/');

    assert.equal(replica.cluster.sessions.all().length, isRefused === true ? 0 : 1);
  });
}

test('userinfo keeps the digits of its numbers', async () => {
  await using provider = await MisbehavingProvider.start('ES256');
  provider.userinfo = (honest) => ({
    ...honest,
    org: asWritten('9007199254740993'),
    share: asWritten('1.00000000000000001'),
  });
  await using replica = await Replica.start(optionsFor(provider.url, { userinfo: true }));

  await new TestBrowser(replica).open('/');

  const { claims } = replica.cluster.sessions.all()[0]!.identity;
  assert.equal(claims['org'], 2n ** 53n + 1n);
  assert.equal(claims['share'], null);
});
