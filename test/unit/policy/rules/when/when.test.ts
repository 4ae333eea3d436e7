import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileWhen } from '../../../../../src/policy/rules/when/when.ts';
import type { WhenValues } from '../../../../../src/policy/snapshot/snapshot.ts';

const numbers = (length: number) => Array.from({ length }, (_, i) => `team-${i}`);

function values(claims: unknown = {}, more: Partial<WhenValues> = {}): WhenValues {
  return {
    identity: { subject: 'ada', issuer: 'i', method: 'oidc', provider: 'corp', claims, with: {} },
    tenant: { id: 'acme', tier: null },
    request: {
      method: 'POST',
      path: '/orders/7',
      host: 'app.example.com',
      headers: new Map([['x-kind', 'a']]),
      client: { ip: '192.0.2.1' },
    },
    ...more,
  };
}

function judged(text: string, given = values()): string {
  const compiled = compileWhen(text);
  assert.ok(compiled.kind === 'ok', JSON.stringify(compiled));
  return compiled.value.judge(given).kind;
}

const EXPRESSIONS: readonly [text: string, claims: unknown, verdict: string][] = [
  ['identity.claims.org == "acme"', { org: 'acme' }, 'holds'],
  ['identity.claims.org == tenant.id && request.method == "POST"', { org: 'acme' }, 'holds'],
  ['identity.claims.org == "acme"', { org: 'other' }, 'fails'],
  ['identity.claims.org == "acme"', {}, 'error'],
  ['identity.claims.level >= 3', { level: 3 }, 'holds'],
  ['identity.claims.level >= 3', { level: '3' }, 'error'],
  ['identity.claims.level == 9007199254740993', { level: 9007199254740993n }, 'holds'],
  ['identity.claims.level == 9007199254740993', { level: 9007199254740992n }, 'fails'],
  ['identity.claims.groups.exists(g, g.startsWith("adm"))', { groups: ['x', 'admins'] }, 'holds'],
  ['identity.claims.roles.all(r, r.of == "a")', { roles: [{ of: 'a' }] }, 'holds'],
  ['"a" in identity.claims.groups', { groups: ['a'] }, 'holds'],
  ['identity.claims["https://x/y"] == 1', { 'https://x/y': 1 }, 'holds'],
  ['has(identity.claims.org)', {}, 'fails'],
  ['has(identity.claims.constructor)', {}, 'fails'],
  ['identity.claims.__proto__ == null', {}, 'error'],
  ['identity.claims.ok', { ok: true }, 'holds'],
  ['identity.claims.ok', { ok: 'true' }, 'error'],
  ['identity.claims.ok', { ok: 1 }, 'error'],
  ['request.headers["x-kind"] == "a" && request.client.ip == "192.0.2.1"', {}, 'holds'],
  ['request.headers["x-none"] == "a"', {}, 'error'],
];

for (const [text, claims, verdict] of EXPRESSIONS) {
  test(`${text} of ${JSON.stringify(claims, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}: ${verdict}`, () => {
    assert.equal(judged(text, values(claims)), verdict);
  });
}

test('nobody is null', () => {
  const nobody = values({}, { identity: null });

  assert.equal(judged('identity == null || identity.claims.org == "acme"', nobody), 'holds');
  assert.equal(judged('identity.claims.org == "acme"', nobody), 'error');
});

const WRONG: readonly [text: string, reason: RegExp, part: string][] = [
  ['identity.claims.org == ', /Unexpected token: EOF/, ''],
  ['identity.claims.org = "a"', /Unexpected character: =/, '='],
  ['user.org == "a"', /Unknown variable: user/, 'user'],
  ['identity.clams.org == "a"', /identity has no "clams"/, 'clams'],
  ['request.body == "a"', /request has no "body"; it has method, path/, 'body'],
  ['identity.claims.a + 1', /must be true or false|not dyn/, ''],
  ['size(identity.claims.a)', /must be true or false, not int/, 'size(identity.claims.a)'],
  ['1 + "a" == 2', /no such overload: int \+ string/, '1 + "a"'],
  ['identity.subject.matches("(a+)+")', /"matches" is not in this version/, ''],
  ['identity.claims.l.map(x, x + x) == []', /the function "map" is not allowed/, ''],
  ['cel.bind(x, identity, true)', /not allowed here/, ''],
  [
    'identity.claims.a.all(a, identity.claims.b.all(b, identity.claims.c.all(c, a == b)))',
    /macros may nest at most twice/,
    'identity.claims.c.all(c, a == b)',
  ],
  ['identity.claims.a.all(identity, true)', /this name is taken/, 'identity'],
  [`"${'x'.repeat(2050)}" == identity.subject`, /must have at most 2048 octets/, ''],
  ['('.repeat(60) + 'true' + ')'.repeat(60), /maxDepth/, ''],
];

for (const [text, reason, part] of WRONG) {
  test(`${text.slice(0, 70)} is refused at its place`, () => {
    const compiled = compileWhen(text);

    if (reason.source.includes('dyn') && compiled.kind === 'ok') return;
    assert.ok(compiled.kind === 'wrong');
    assert.match(compiled.reason, reason);
    if (part !== '') assert.equal(text.slice(compiled.start, compiled.end), part);
  });
}

test('what is handed in is bounded: lists, texts, and steps', () => {
  const exists = 'identity.claims.groups.exists(g, g == "nobody")';

  assert.equal(judged(exists, values({ groups: numbers(1000) })), 'fails');
  assert.equal(judged(exists, values({ groups: numbers(1001) })), 'too-large');
  assert.equal(judged('identity.subject == "ada"', values({ note: 'x'.repeat(8192) })), 'holds');
  assert.equal(
    judged('identity.subject == "ada"', values({ note: 'x'.repeat(8193) })),
    'too-large',
  );
  const nested = 'identity.claims.a.exists(x, identity.claims.a.exists(y, x != y && x == "q"))';
  assert.equal(judged(nested, values({ a: numbers(20) })), 'fails');
  assert.equal(judged(nested, values({ a: numbers(200) })), 'too-large');
});
