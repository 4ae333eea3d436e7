import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challengeFault, resultFault } from '../../../../../src/plugin/host/kinds/check-result.ts';

const IDENTITY = {
  subject: 'u1',
  issuer: 'https://issuer.example',
  claims: { org: 'acme', groups: ['a', 'b'], nested: { deep: [1, null, true] } },
  method: 'jwt',
  authenticatedAt: 1,
};

const identityWith = (more: object): unknown => ({
  kind: 'identity',
  identity: { ...IDENTITY, ...more },
});
const deny = (more: object): unknown => ({
  kind: 'deny',
  status: 401,
  reason: { code: 'jwt.expired' },
  ...more,
});
const challenge = (location: unknown): unknown => ({
  kind: 'challenge',
  challenge: { redirect: { location } },
  reason: { code: 'oidc.no_session' },
});
const cookie = (more: object): unknown => ({
  kind: 'identity',
  identity: IDENTITY,
  setCookies: [{ name: 'a', value: 'b', ...more }],
});

/** Nested one level deeper than allowed. */
function tooDeep(): unknown {
  let value: unknown = 1;
  for (let i = 0; i < 40; i += 1) value = { value };
  return value;
}

const WELL_FORMED: Readonly<Record<string, unknown>> = {
  pass: { kind: 'pass' },
  'a credential left to another': {
    kind: 'pass',
    unclaimed: { reason: { code: 'jwt.issuer' }, wwwAuthenticate: ['Bearer'] },
  },
  'an integer beyond 2^53 as a bigint': identityWith({
    claims: { org: [2n ** 64n, -(2n ** 53n)] },
  }),
  'an identity': identityWith({}),
  'an identity with everything': identityWith({
    expiresAt: 2,
    assurance: 'urn:mfa',
    session: 's',
  }),
  'a frozen identity, twice': Object.freeze({
    kind: 'identity',
    identity: Object.freeze(IDENTITY),
  }),
  'a denial': deny({ wwwAuthenticate: ['Bearer error="invalid_token"'] }),
  'a redirect to an issuer': challenge('https://issuer.example/authorize?a=b'),
  'a redirect to a path': challenge('/.fairlead/corp/login'),
  'a cookie': cookie({ maxAgeSeconds: 600, crossSitePost: true }),
};

for (const [name, result] of Object.entries(WELL_FORMED)) {
  test(`accepts ${name}`, () => {
    assert.equal(resultFault(result), undefined);
    assert.equal(resultFault(result), undefined);
  });
}

const MALFORMED: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  'a text': 'pass',
  'a list': [{ kind: 'pass' }],
  'an unclaimed credential without a reason': { kind: 'pass', unclaimed: {} },
  'an unclaimed credential that is true': { kind: 'pass', unclaimed: true },
  'an unclaimed credential with a line break': {
    kind: 'pass',
    unclaimed: { reason: { code: 'jwt.issuer' }, wwwAuthenticate: ['a\r\nb'] },
  },
  'no kind': {},
  'an unknown kind': { kind: 'allow' },
  'an identity that is missing': { kind: 'identity' },
  'an identity that is a list': { kind: 'identity', identity: [] },
  'an empty subject': identityWith({ subject: '' }),
  'a subject that is a number': identityWith({ subject: 7 }),
  'a subject with a line break': identityWith({ subject: 'a\r\nx-admin: 1' }),
  'a subject with NUL': identityWith({ subject: 'a\0' }),
  'a subject beyond all measure': identityWith({ subject: 'x'.repeat(1025) }),
  'no issuer': identityWith({ issuer: undefined }),
  'no method': identityWith({ method: undefined }),
  'an authentication time that is not a number': identityWith({ authenticatedAt: 'now' }),
  'an authentication time of NaN': identityWith({ authenticatedAt: Number.NaN }),
  'an end that is infinite': identityWith({ expiresAt: Number.POSITIVE_INFINITY }),
  'an end that is null': identityWith({ expiresAt: null }),
  'an assurance that is a list': identityWith({ assurance: ['a'] }),
  'a session that is a number': identityWith({ session: 1 }),
  'no claims': identityWith({ claims: undefined }),
  'claims that are a list': identityWith({ claims: [] }),
  'claims that are a Map': identityWith({ claims: new Map([['org', 'acme']]) }),
  'a claim that is infinite': identityWith({ claims: { quota: Number.POSITIVE_INFINITY } }),
  'an integer beyond 2^53 that is a number': identityWith({ claims: { org: { id: 2 ** 53 } } }),
  'a bigint that a number can hold': identityWith({ claims: { org: 7n } }),
  'a bigint beyond all numbers': identityWith({ claims: { org: 10n ** 400n } }),
  'a claim that is a function': identityWith({ claims: { f: () => 1 } }),
  'a claim that is undefined': identityWith({ claims: { f: undefined } }),
  'a claim that is a Date': identityWith({ claims: { d: new Date(0) } }),
  'claims nested too deep': identityWith({ claims: { tooDeep: tooDeep() } }),
  'claims too many': identityWith({ claims: { list: Array.from({ length: 10_001 }, () => 1) } }),
  'a denial with another status': deny({ status: 200 }),
  'a denial without a reason': deny({ reason: undefined }),
  'a reason code with spaces': deny({ reason: { code: 'not a code' } }),
  'a reason code that is missing': deny({ reason: {} }),
  'a reason detail that is an object': deny({ reason: { code: 'a', detail: {} } }),
  'a step-up that is a text': {
    kind: 'challenge',
    challenge: {},
    reason: { code: 'oidc.step_up' },
    isStepUp: 'yes',
  },
  'a challenge field with CRLF': deny({ wwwAuthenticate: ['Bearer\r\nset-cookie: a=b'] }),
  'a challenge field with NUL': deny({ wwwAuthenticate: ['Bearer\0'] }),
  'a challenge field beyond one octet': deny({ wwwAuthenticate: ['Bearer realm="\u{1f600}"'] }),
  'an empty challenge field': deny({ wwwAuthenticate: [''] }),
  'a challenge that is no list': deny({ wwwAuthenticate: 'Bearer' }),
  'a challenge list without end': deny({ wwwAuthenticate: Array.from({ length: 17 }, () => 'B') }),
  'a challenge without its object': { kind: 'challenge', reason: { code: 'a' } },
  'a challenge without a reason': { kind: 'challenge', challenge: {} },
  'a redirect without a place': challenge(undefined),
  'a redirect with a line break': challenge('/a\r\nset-cookie: a=b'),
  'a redirect to a script': challenge('javascript:alert(1)'),
  'a redirect to another host by two slashes': challenge('//evil.example'),
  'a redirect to another host by a backslash': challenge('/\\evil.example'),
  'a redirect with user information': challenge('https://app.example.com@evil.example/'),
  'a redirect that is relative': challenge('login'),
  'cookies that are no list': { kind: 'identity', identity: IDENTITY, setCookies: {} },
  'a cookie name with a blank': cookie({ name: 'a b' }),
  'a cookie value with a semicolon': cookie({ value: 'a; domain=x' }),
  'a cookie value with CRLF': cookie({ value: 'a\r\n' }),
  'a cookie beyond 4096 octets': cookie({ value: 'x'.repeat(4096) }),
  'a cookie age that is broken': cookie({ maxAgeSeconds: 1.5 }),
  'a cookie flag that is a text': cookie({ crossSitePost: 'yes' }),
};

for (const [name, result] of Object.entries(MALFORMED)) {
  test(`refuses a result with ${name}`, () => {
    assert.equal(typeof resultFault(result), 'string');
  });
}

test('the fault of a malformed result does not quote it', () => {
  const fault = resultFault(identityWith({ subject: 'secret\r\n', claims: 'secret' }));

  assert.doesNotMatch(fault ?? '', /secret/);
});

test('a mutable identity is checked each time it comes', () => {
  const result = { kind: 'identity', identity: { ...IDENTITY } };
  const first = resultFault(result);

  result.identity.subject = '';

  assert.equal(first, undefined);
  assert.equal(typeof resultFault(result), 'string');
});

test('a challenge that poses as a result is refused', () => {
  assert.equal(typeof challengeFault({ kind: 'error' }), 'string');
});

test('a challenge may be empty', () => {
  assert.equal(challengeFault({}), undefined);
});
