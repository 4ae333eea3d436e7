import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JWTPayload } from 'jose';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { makeIssuerKey, signWith } from '../../../support/auth/issuer.ts';
import { base64url, jwtHarness, signTexts } from '../../../support/auth/jwt-harness.ts';

const ISSUER = 'https://issuer.example/realms/main';
const AUDIENCE = 'https://app.example.com';
const NOW = new FakeClock().now() / 1000;
const key = await makeIssuerKey();
const rsaKey = await makeIssuerKey('RS256', 'rsa');
const edKey = await makeIssuerKey('EdDSA', 'ed');
const stranger = await makeIssuerKey('ES256', 'k1');
const OPTIONS = {
  issuer: ISSUER,
  audience: AUDIENCE,
  jwks: { keys: [key.jwk, rsaKey.jwk, edKey.jwk] },
};
const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'u1', iat: NOW, exp: NOW + 300 };
const harness = await jwtHarness(OPTIONS);

const HEADER = JSON.stringify({ alg: 'ES256', kid: 'k1' });
const claimsText = (more: string): string => JSON.stringify(CLAIMS).replace(/}$/, `,${more}}`);
const without = (name: keyof typeof CLAIMS): JWTPayload => ({ ...CLAIMS, [name]: undefined });
const withHeader = (more: object): Promise<string> => signWith(key, CLAIMS, { ...more });
const withClaims = (more: object): Promise<string> => signWith(key, { ...CLAIMS, ...more });
const headerText = (more: object): string =>
  signTexts(key, JSON.stringify({ alg: 'ES256', kid: 'k1', ...more }), JSON.stringify(CLAIMS));
const good = await withClaims({});

/** What is presented, the requirement it belongs to, and the verdict. */
const CASES: readonly (readonly [name: string, token: string, verdict: string])[] = [
  ['a good token', good, 'identity'],
  ['RS256', await signWith(rsaKey, CLAIMS), 'identity'],
  ['EdDSA', await signWith(edKey, CLAIMS), 'identity'],
  ['an audience list with ours in it', await withClaims({ aud: ['x', AUDIENCE] }), 'identity'],
  ['typ at+jwt', await withHeader({ typ: 'at+jwt' }), 'identity'],
  ['typ application/at+JWT', await withHeader({ typ: 'application/at+JWT' }), 'identity'],
  ['no kid where one key fits', signTexts(key, '{"alg":"ES256"}', claimsText('"a":1')), 'identity'],

  [
    'R-27: alg none',
    `${base64url('{"alg":"none"}')}.${base64url(claimsText('"a":1'))}.`,
    'jwt.malformed',
  ],
  [
    'R-27: alg none with a signature',
    signTexts(key, '{"alg":"none","kid":"k1"}', claimsText('"a":1')),
    'jwt.algorithm',
  ],
  ['R-27: alg HS256', headerText({ alg: 'HS256' }), 'jwt.algorithm'],
  ['R-27: an algorithm that policy does not name', headerText({ alg: 'ES384' }), 'jwt.algorithm'],
  ['R-27: the key of another algorithm', headerText({ alg: 'RS256' }), 'jwt.key_unknown'],
  ['C2: PS256 with a key for RS256', headerText({ alg: 'PS256', kid: 'rsa' }), 'jwt.key_unknown'],
  [
    'R-27: a signature of zeros',
    `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(86)}`,
    'jwt.signature',
  ],
  ['a signature by a stranger', await signWith(stranger, CLAIMS), 'jwt.signature'],
  ['changed claims', swapClaims(good, claimsText('"admin":true')), 'jwt.signature'],
  ['C3: a signature cut short', good.slice(0, -2), 'jwt.signature'],

  [
    'R-28: a key of its own in jwk',
    await signWith(stranger, CLAIMS, { jwk: stranger.jwk }),
    'jwt.signature',
  ],
  [
    'R-28: jku is not looked at',
    await withHeader({ jku: 'https://evil.example/keys' }),
    'identity',
  ],
  [
    'R-28: x5u is not looked at',
    await withHeader({ x5u: 'https://evil.example/cert' }),
    'identity',
  ],
  ['R-28: a kid that is a path', await withHeader({ kid: '../../dev/null' }), 'jwt.key_unknown'],
  [
    'R-28: a kid that is a member of every object',
    await withHeader({ kid: 'constructor' }),
    'jwt.key_unknown',
  ],
  ['R-28: a kid beyond its cap', await withHeader({ kid: 'k'.repeat(257) }), 'jwt.malformed'],
  ['R-28: a kid that is a number', headerText({ kid: 1 }), 'jwt.malformed'],

  [
    'R-30: another issuer, whose own provider may know it',
    await withClaims({ iss: 'https://other.example' }),
    'unclaimed jwt.issuer',
  ],
  [
    'R-30: another issuer, by an algorithm that its own provider may allow',
    signTexts(key, '{"alg":"ES384"}', claimsText('"a":1').replace(ISSUER, 'https://other.example')),
    'unclaimed jwt.issuer',
  ],
  [
    'R-30: the issuer with a slash more',
    await withClaims({ iss: `${ISSUER}/` }),
    'unclaimed jwt.issuer',
  ],
  ['R-30: no issuer', await signWith(key, without('iss')), 'jwt.issuer'],
  [
    'R-30: an issuer that is a list',
    signTexts(key, HEADER, claimsText('"a":1').replace(`"${ISSUER}"`, `["${ISSUER}"]`)),
    'jwt.issuer',
  ],
  ['R-30: another audience', await withClaims({ aud: 'other' }), 'jwt.audience'],
  [
    'R-30: an audience that begins like ours',
    await withClaims({ aud: `${AUDIENCE}.evil` }),
    'jwt.audience',
  ],
  ['R-30: no audience', await signWith(key, without('aud')), 'jwt.audience'],
  ['R-30: an empty audience list', await withClaims({ aud: [] }), 'jwt.audience'],
  [
    'R-30: an audience list with a number',
    await withClaims({ aud: [1, AUDIENCE] as never }),
    'jwt.audience',
  ],
  ['R-30: a nonce', await withClaims({ nonce: 'n' }), 'jwt.type'],
  [
    'R-30: a nonce in what says that it is an ID token',
    await withClaims({ nonce: 'n', typ: 'ID' }),
    'jwt.type',
  ],
  [
    'R-30: a nonce in an access token by its typ',
    await signWith(key, { ...CLAIMS, nonce: 'n' }, { typ: 'at+jwt' }),
    'identity',
  ],
  [
    'R-30: a nonce in an access token of Keycloak',
    await signWith(key, { ...CLAIMS, nonce: 'n', typ: 'Bearer' }, { typ: 'JWT' }),
    'identity',
  ],
  [
    'R-30: at_hash, whatever the typ says',
    await signWith(key, { ...CLAIMS, at_hash: 'h' }, { typ: 'at+jwt' }),
    'jwt.type',
  ],
  ['R-30: at_hash', await withClaims({ at_hash: 'h' }), 'jwt.type'],
  ['C11: a logout token by its typ', await withHeader({ typ: 'logout+jwt' }), 'jwt.type'],
  ['C11: a logout token by its events', await withClaims({ events: {} }), 'jwt.type'],
  ['C10: typ dpop+jwt', await withHeader({ typ: 'dpop+jwt' }), 'jwt.type'],
  ['C10: a typ that is a number', headerText({ typ: 1 }), 'jwt.malformed'],
  ['RFC 7800: a token bound to a key', await withClaims({ cnf: { jkt: 'x' } }), 'jwt.binding'],
  ['C7: no subject', await signWith(key, without('sub')), 'jwt.subject'],
  ['C7: an empty subject', await withClaims({ sub: '' }), 'jwt.subject'],
  ['C7: a subject with a line break', await withClaims({ sub: 'a\r\nb' }), 'jwt.subject'],
  ['C7: a subject that is a number', await withClaims({ sub: 1 as never }), 'jwt.subject'],

  ['R-31: no exp', await signWith(key, without('exp')), 'jwt.malformed'],
  [
    'R-31: exp 1e400',
    signTexts(key, HEADER, claimsText('"a":1').replace(/"exp":\d+/, '"exp":1e400')),
    'jwt.malformed',
  ],
  ['R-31: exp that is a text', await withClaims({ exp: `${NOW + 300}` as never }), 'jwt.malformed'],
  ['R-31: exp null', await withClaims({ exp: null as never }), 'jwt.malformed'],
  ['R-31: expired within the skew', await withClaims({ exp: NOW - 29 }), 'identity'],
  ['R-31: expired beyond the skew', await withClaims({ exp: NOW - 30 }), 'jwt.expired'],
  ['R-31: nbf within the skew', await withClaims({ nbf: NOW + 30 }), 'identity'],
  ['R-31: nbf beyond the skew', await withClaims({ nbf: NOW + 31 }), 'jwt.not_yet_valid'],
  ['R-31: nbf that is a text', await withClaims({ nbf: 'now' as never }), 'jwt.malformed'],
  ['R-31: issued in the future', await withClaims({ iat: NOW + 31 }), 'jwt.not_yet_valid'],
  [
    'R-31: iat that is infinite',
    signTexts(key, HEADER, claimsText('"a":1').replace(/"iat":\d+/, '"iat":1e999')),
    'jwt.malformed',
  ],
  [
    'fact 5: any claim that is infinite',
    signTexts(key, HEADER, claimsText('"quota":[1e400]')),
    'jwt.malformed',
  ],

  ['R-32: crit', headerText({ crit: ['exp'], exp: 1 }), 'jwt.malformed'],
  ['R-32: an empty crit', headerText({ crit: [] }), 'jwt.malformed'],
  ['R-32: b64 false', headerText({ b64: false, crit: ['b64'] }), 'jwt.malformed'],
  ['R-32: b64 true', headerText({ b64: true }), 'jwt.malformed'],
  ['R-32: a nested token', headerText({ cty: 'JWT' }), 'jwt.malformed'],
  [
    'R-32: a header member twice',
    signTexts(key, '{"alg":"none","alg":"ES256","kid":"k1"}', claimsText('"a":1')),
    'jwt.malformed',
  ],
  ['R-32: a claim twice', signTexts(key, HEADER, claimsText('"sub":"admin"')), 'jwt.malformed'],
  [
    'R-32: a claim twice, once escaped',
    signTexts(key, HEADER, claimsText('"s\\u0075b":"admin"')),
    'jwt.malformed',
  ],
  [
    'R-32: a member twice, deep inside',
    signTexts(key, HEADER, claimsText('"x":[{"a":{"b":1,"b":2}}]')),
    'jwt.malformed',
  ],
  [
    'the same member in two objects',
    signTexts(key, HEADER, claimsText('"x":[{"a":1},{"a":"\\",\\"a\\":"}]')),
    'identity',
  ],
  [
    'R-32: JSON nested without end',
    signTexts(key, HEADER, claimsText(`"x":${'['.repeat(40)}${']'.repeat(40)}`)),
    'jwt.malformed',
  ],
  [
    'R-48: a member __proto__',
    signTexts(key, HEADER, claimsText('"__proto__":{"admin":true}')),
    'jwt.malformed',
  ],
  ['R-32: claims that are a list', signTexts(key, HEADER, '[]'), 'jwt.malformed'],
  ['R-32: claims that are no JSON', signTexts(key, HEADER, 'hello'), 'jwt.malformed'],
  ['R-32: a header that is null', signTexts(key, 'null', claimsText('"a":1')), 'jwt.malformed'],
  [
    'C6: claims that are not UTF-8',
    swapClaims(good, Buffer.from([0x7b, 0xff, 0x7d])),
    'jwt.malformed',
  ],
  [
    'C6: a byte order mark',
    signTexts(key, HEADER, `\u{feff}${claimsText('"a":1')}`),
    'jwt.malformed',
  ],
  ['R-32: one character above 8 KiB', `${'a'.repeat(8191)}.a`, 'jwt.too_large'],
  ['R-32: four parts', `${good}.a`, 'jwt.malformed'],
  ['R-32: base64 with padding', `${good}=`, 'jwt.malformed'],
  ['R-32: a blank within', good.replace('.', '. '), 'jwt.malformed'],
  ['an opaque token', 'b1946ac92492d2347c6235b4d2611184', 'jwt.malformed'],
  ['no token', '', 'jwt.malformed'],
  ['R-26: a JWE', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c', 'jwt.malformed'],
  ['R-26: zip', headerText({ zip: 'DEF' }), 'jwt.malformed'],
  ['C: PBES2', headerText({ p2c: 1e9 }), 'jwt.malformed'],
];

/** The token with other claims under the old signature. */
function swapClaims(token: string, claims: string | Buffer): string {
  const [header, , signature] = token.split('.');
  return [header, Buffer.from(claims as string).toString('base64url'), signature].join('.');
}

for (const [name, token, verdict] of CASES) {
  test(`${name}: ${verdict}`, async () => {
    assert.equal(await harness.verdict(token), verdict);
  });
}

test('a good token makes the identity its claims describe, frozen to the leaves', async () => {
  const token = await withClaims({
    org: { name: 'acme' },
    acr: 'urn:mfa',
    auth_time: NOW - 60,
  });

  const result = await harness.present(`Bearer ${token}`);

  assert.equal(result.kind, 'identity');
  if (result.kind !== 'identity') return;
  const { claims, ...identity } = result.identity;
  assert.deepEqual(identity, {
    subject: 'u1',
    issuer: ISSUER,
    method: 'jwt',
    authenticatedAt: (NOW - 60) * 1000,
    expiresAt: (NOW + 330) * 1000,
    assurance: 'urn:mfa',
  });
  assert.deepEqual(claims['org'], { name: 'acme' });
  assert.equal(Object.isFrozen(claims['org']), true);
});

test('passes where there is no bearer credential', async () => {
  for (const field of [undefined, 'Basic dTpw', 'Digest username="a", realm="b"', 'Bearerx y']) {
    assert.deepEqual(harness.present(field), { kind: 'pass' });
  }
});

test('the scheme is read whatever its case', async () => {
  const result = await harness.present(`bEARER ${good}`);

  assert.equal(result.kind, 'identity');
});

for (const field of [
  `Bearer ${good}, Bearer ${good}`,
  `Basic dTpw, Bearer ${good}`,
  `Bearer ${good}, Basic dTpw`,
]) {
  test(`R-33: two Authorization fields deny: ${field.replaceAll(good, '…')}`, async () => {
    const result = await harness.present(field);

    assert.equal(result.kind === 'deny' && result.reason.code, 'jwt.repeated');
  });
}

test('challenges name the realm, and a denial adds invalid_token (RFC 6750 3.1)', async () => {
  const challenge = harness.authenticator.challenge!({} as never, { code: 'x' }, {} as never);
  const denial = await harness.present('Bearer nonsense');

  assert.deepEqual(challenge, { wwwAuthenticate: ['Bearer realm="api"'] });
  assert.deepEqual(denial.kind === 'deny' && [denial.status, denial.wwwAuthenticate], [
    401,
    ['Bearer realm="api", error="invalid_token"'],
  ]);
});

test('no reason quotes the token', async () => {
  for (const [, token] of CASES) {
    const result = await harness.present(`Bearer ${token}`);
    const signature = token.split('.')[2];
    if (signature === undefined || signature.length < 20) continue;
    assert.equal(JSON.stringify(result).includes(signature), false);
  }
});

test('a typ that policy wants is wanted', async () => {
  const strict = await jwtHarness({ ...OPTIONS, typ: 'at+jwt' });

  assert.equal(await strict.verdict(good), 'jwt.type');
  assert.equal(await strict.verdict(await withHeader({ typ: 'JWT' })), 'jwt.type');
  assert.equal(await strict.verdict(await withHeader({ typ: 'AT+jwt' })), 'identity');
});

test('maxAge wants an iat, and not an old one', async () => {
  const strict = await jwtHarness({ ...OPTIONS, maxAge: '1m' });

  assert.equal(await strict.verdict(await withClaims({ iat: NOW - 89 })), 'identity');
  assert.equal(await strict.verdict(await withClaims({ iat: NOW - 90 })), 'jwt.too_old');
  assert.equal(await strict.verdict(await signWith(key, without('iat'))), 'jwt.too_old');
});

test('the skew of the policy counts at both ends of a token', async () => {
  const strict = await jwtHarness({ ...OPTIONS, skew: '5s' });

  assert.equal(await strict.verdict(await withClaims({ exp: NOW - 4 })), 'identity');
  assert.equal(await strict.verdict(await withClaims({ exp: NOW - 5 })), 'jwt.expired');
  assert.equal(await strict.verdict(await withClaims({ nbf: NOW + 5 })), 'identity');
  assert.equal(await strict.verdict(await withClaims({ nbf: NOW + 6 })), 'jwt.not_yet_valid');
});

test('of several audiences in the policy one is enough', async () => {
  const two = await jwtHarness({ ...OPTIONS, audience: ['a', 'b'] });

  assert.equal(await two.verdict(await withClaims({ aud: 'b' })), 'identity');
  assert.equal(await two.verdict(good), 'jwt.audience');
});

test('the audience can be another claim, as in access tokens of Cognito, which have no aud', async () => {
  const audience = { claim: 'client_id', is: ['mobile', 'web'] };
  const cognito = await jwtHarness({ ...OPTIONS, audience });
  const sign = (more: object) => signWith(key, { ...without('aud'), ...more });

  assert.equal(await cognito.verdict(await sign({ client_id: 'web' })), 'identity');
  assert.equal(await cognito.verdict(await sign({ client_id: ['other', 'web'] })), 'identity');
  assert.equal(await cognito.verdict(await sign({ client_id: 'Web' })), 'jwt.audience');
  assert.equal(await cognito.verdict(await sign({ client_id: [7, 'web'] })), 'jwt.audience');
  assert.equal(await cognito.verdict(await sign({})), 'jwt.audience');
  assert.equal(await cognito.verdict(good), 'jwt.audience');
  assert.equal(await cognito.verdict(await sign({ aud: 'web' })), 'jwt.audience');
});

test('a claim that every object inherits is no audience and no subject', async () => {
  const odd = await jwtHarness({
    ...OPTIONS,
    audience: { claim: 'constructor', is: 'x' },
  });
  const oddSubject = await jwtHarness({ ...OPTIONS, subject: { claim: 'constructor' } });

  assert.equal(await odd.verdict(good), 'jwt.audience');
  assert.equal(await oddSubject.verdict(good), 'jwt.subject');
});

test('the subject can be another claim, and the first that a token has is the one', async () => {
  const machines = await jwtHarness({ ...OPTIONS, subject: { claim: 'client_id' } });
  const both = await jwtHarness({ ...OPTIONS, subject: { claim: ['sub', 'client_id'] } });
  const sign = (more: object) => signWith(key, { ...without('sub'), ...more });
  const subjectAt = async (at: typeof both, token: string) => {
    const result = await at.present(`Bearer ${token}`);
    if (result.kind === 'identity') return result.identity.subject;
    return result.kind === 'deny' ? result.reason.code : result.kind;
  };
  const machine = await sign({ client_id: 'm2m' });
  const person = await withClaims({ client_id: 'spa' });

  assert.equal(await subjectAt(machines, machine), 'm2m');
  assert.equal(await subjectAt(machines, person), 'spa');
  assert.equal(await subjectAt(both, machine), 'm2m');
  assert.equal(await subjectAt(both, await sign({ sub: null, client_id: 'm2m' })), 'm2m');
  assert.equal(await subjectAt(both, person), 'u1');
  assert.equal(await subjectAt(both, await sign({ sub: '', client_id: 'm2m' })), 'jwt.subject');
  assert.equal(await subjectAt(both, await sign({ sub: 7, client_id: 'm2m' })), 'jwt.subject');
  assert.equal(await subjectAt(both, await sign({})), 'jwt.subject');
  assert.equal(await harness.verdict(machine), 'jwt.subject');
});

test('a login in the future is of now, so no age is below zero', async () => {
  const result = await harness.present(`Bearer ${await withClaims({ auth_time: NOW + 1e6 })}`);

  assert.equal(result.kind === 'identity' && result.identity.authenticatedAt, NOW * 1000);
});

test('a login before all times is of an unknown moment', async () => {
  const result = await harness.present(`Bearer ${await withClaims({ auth_time: -1e308 })}`);

  assert.equal(result.kind === 'identity' && result.identity.authenticatedAt, 0);
});

test('an end that no Date can show is the last one that it can', async () => {
  const result = await harness.present(`Bearer ${await withClaims({ exp: 1e300 })}`);

  assert.equal(result.kind === 'identity' && result.identity.expiresAt, 8_640_000_000_000_000);
});

test('without a kid several keys that fit are ambiguous', async () => {
  const second = await makeIssuerKey('ES256', 'k2');
  const two = await jwtHarness({ ...OPTIONS, jwks: { keys: [key.jwk, second.jwk] } });

  const token = signTexts(key, '{"alg":"ES256"}', JSON.stringify(CLAIMS));

  assert.equal(await two.verdict(token), 'jwt.key_ambiguous');
});

test('a key without alg serves the first algorithm that fits it, and no other (C2)', async () => {
  const { alg: _alg, ...jwk } = rsaKey.jwk;
  const options = { ...OPTIONS, jwks: { keys: [jwk] } };
  const pssFirst = await jwtHarness({ ...options, algorithms: ['PS256', 'RS256'] });
  const byDefault = await jwtHarness(options);

  const token = await signWith(rsaKey, CLAIMS);

  assert.equal(await byDefault.verdict(token), 'identity');
  assert.equal(await pssFirst.verdict(token), 'jwt.key_unknown');
});
