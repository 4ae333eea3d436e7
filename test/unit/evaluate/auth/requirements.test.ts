import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCondition, holds } from '../../../../src/evaluate/auth/claim-condition.ts';
import { unmetRequirement } from '../../../../src/evaluate/auth/requirements.ts';
import type { AuthenticatedIdentity } from '../../../../src/core/identity.ts';
import { compilePattern } from '../../../../src/policy/rules/pattern.ts';
import { stringifyJson } from '../../../../src/core/exact-json.ts';
import { fieldValues } from '../../../../src/core/header-list.ts';
import type {
  ClaimCondition,
  ClaimValue,
  Pattern,
  RuleRequirements,
} from '../../../../src/policy/snapshot/snapshot.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

function identity(more: Partial<AuthenticatedIdentity> = {}): AuthenticatedIdentity {
  return {
    subject: 'ada',
    issuer: 'https://login.example.com',
    method: 'oidc',
    provider: 'corp',
    authenticatedAt: NOW - MINUTE,
    assurance: 'urn:mfa',
    claims: { groups: ['staff', 'admins'], org: 'acme', level: 3, active: true },
    ...more,
  };
}

function requires(more: Partial<RuleRequirements> = {}): RuleRequirements {
  return { acr: undefined, maxAgeMs: undefined, claims: [], ...more };
}

const judge = (wanted: RuleRequirements | undefined, who: AuthenticatedIdentity | undefined) =>
  unmetRequirement(wanted, who, NOW);
const reasonOf = (wanted: RuleRequirements, who: AuthenticatedIdentity | undefined) =>
  judge(wanted, who)?.reason?.code;

const any = (...values: ClaimValue[]): ClaimCondition => ({ kind: 'any', values });
const all = (...values: string[]): ClaimCondition => ({ kind: 'all', values });
const not = (...conditions: ClaimCondition[]): ClaimCondition => ({ kind: 'not', conditions });
const prefix = (text: string): ClaimCondition => ({ kind: 'prefix', prefix: text });

const has = (...words: string[]): ClaimCondition => ({ kind: 'has', words });
const suffix = (text: string): ClaimCondition => ({ kind: 'suffix', suffix: text });
const range = (min?: number | bigint, max?: number | bigint): ClaimCondition => ({
  kind: 'range',
  min,
  max,
});
function pattern(text: string): ClaimCondition {
  const compiled = compilePattern(text);
  assert.equal(compiled.kind, 'ok');
  return { kind: 'pattern', pattern: (compiled as { value: Pattern }).value };
}

const CONDITIONS: readonly [ClaimCondition, readonly unknown[], boolean, string][] = [
  [any('a'), ['a'], true, '"a"'],
  [any('a'), ['b', 'a'], true, '"a"'],
  [any('a'), ['A'], false, '"a"'],
  [any('a'), [], false, '"a"'],
  [any('a', 'b'), ['b'], true, 'any of "a", "b"'],
  [any(1), [1], true, '1'],
  [any(1), ['1'], false, '1'],
  [any('1'), [1], false, '"1"'],
  [any(2n ** 53n + 1n), [2n ** 53n + 1n], true, '9007199254740993'],
  [any(2n ** 53n + 1n), [2n ** 53n], false, '9007199254740993'],
  [any(2n ** 53n + 1n), ['9007199254740993'], false, '9007199254740993'],
  [not(any(2n ** 53n + 1n)), [2n ** 53n], true, 'not 9007199254740993'],
  [any(true), ['true'], false, 'true'],
  [any(true), [true], true, 'true'],
  [any('a'), [{ a: 'a' }], false, '"a"'],
  [all('a', 'b'), ['b', 'c', 'a'], true, 'all of "a", "b"'],
  [all('a', 'b'), ['a'], false, 'all of "a", "b"'],
  [all('a'), [], false, 'all of "a"'],
  [prefix('team-'), ['x', 'team-a'], true, 'prefix "team-"'],
  [prefix('team-'), ['a-team-'], false, 'prefix "team-"'],
  [prefix('1'), [12], false, 'prefix "1"'],
  [has('read'), ['write read'], true, 'word "read"'],
  [has('read'), ['readers write'], false, 'word "read"'],
  [has('read'), ['Read'], false, 'word "read"'],
  [has('read'), ['write\tread'], false, 'word "read"'],
  [has('read'), [], false, 'word "read"'],
  [has('read', 'write'), ['read', 'write'], true, 'words "read", "write"'],
  [has('read', 'write'), ['write x read'], true, 'words "read", "write"'],
  [has('read', 'write'), ['read'], false, 'words "read", "write"'],
  [not(has('read')), ['read write'], false, 'not word "read"'],
  [suffix('@acme.example'), ['ada@acme.example'], true, 'suffix "@acme.example"'],
  [suffix('@acme.example'), ['ada@acme.example.net'], false, 'suffix "@acme.example"'],
  [suffix('1'), [11], false, 'suffix "1"'],
  [pattern('team-[0-9]+'), ['x', 'team-7'], true, 'pattern "team-[0-9]+"'],
  [pattern('team-[0-9]+'), ['team-7x'], false, 'pattern "team-[0-9]+"'],
  [pattern('team-[0-9]+'), ['my-team-7'], false, 'pattern "team-[0-9]+"'],
  [pattern('a|b'), ['ab'], false, 'pattern "a|b"'],
  [pattern('.*'), ['a\nb'], false, 'pattern ".*"'],
  [pattern('a'), ['a\n'], false, 'pattern "a"'],
  [pattern('[0-9]+'), [7], false, 'pattern "[0-9]+"'],
  [range(3), [3], true, 'at least 3'],
  [range(3), [2.9], false, 'at least 3'],
  [range(3), ['4'], false, 'at least 3'],
  [range(3), [true], false, 'at least 3'],
  [range(3), [], false, 'at least 3'],
  [range(undefined, 3), [3], true, 'at most 3'],
  [range(undefined, 3), [4], false, 'at most 3'],
  [range(3, 5), [4], true, 'from 3 to 5'],
  // Of a list one element has to be within both.
  [range(3, 5), [1, 9], false, 'from 3 to 5'],
  [range(2n ** 53n + 1n), [2n ** 53n], false, 'at least 9007199254740993'],
  [range(2n ** 53n), [2n ** 53n + 1n], true, 'at least 9007199254740992'],
  [range(3), [2n ** 60n], true, 'at least 3'],
  [not(any('a')), ['b'], true, 'not "a"'],
  [not(any('a')), ['b', 'a'], false, 'not "a"'],
  [not(any('a')), [], true, 'not "a"'],
  [not(any('a'), prefix('t')), ['a', 't1'], false, 'not "a" and prefix "t"'],
  [not(any('a'), prefix('t')), ['a'], true, 'not "a" and prefix "t"'],
];

for (const [condition, values, expected, words] of CONDITIONS) {
  test(`${words} ${expected ? 'holds' : 'does not hold'} of ${stringifyJson(values)}`, () => {
    assert.equal(holds(condition, values), expected);
    assert.equal(describeCondition(condition), words);
  });
}

test('a rule that requires nothing refuses nobody', () => {
  assert.equal(judge(undefined, undefined), undefined);
  assert.equal(judge(undefined, identity()), undefined);
});

test('a rule that requires something refuses whoever has no identity', () => {
  assert.equal(reasonOf(requires({ acr: 'urn:mfa' }), undefined), 'require.identity');
});

test('the acr must be the very one', () => {
  const wanted = requires({ acr: 'urn:mfa' });

  assert.equal(judge(wanted, identity()), undefined);
  const { assurance: _assurance, ...without } = identity();
  for (const who of [identity({ assurance: 'urn:mfa2' }), without]) {
    assert.equal(reasonOf(wanted, who), 'require.acr');
  }
});

test('a login may be as old as maxAge and thirty seconds, for clocks that differ', () => {
  const wanted = requires({ maxAgeMs: 15 * MINUTE });
  const old = (ms: number) => identity({ authenticatedAt: NOW - ms });

  assert.equal(judge(wanted, old(15 * MINUTE + 30_000)), undefined);
  const refusal = judge(wanted, old(15 * MINUTE + 30_001));
  assert.deepEqual(refusal?.reason, {
    code: 'require.max_age',
    detail: 'the login was 931 s ago, the policy wants at most 900 s',
  });
  assert.equal(reasonOf(wanted, old(NOW)), 'require.max_age', 'not known');
});

test('what is wanted of the login is in the 401, whatever of it is missing', () => {
  const wanted = requires({ acr: 'urn:mfa', maxAgeMs: 15 * MINUTE });

  const refusal = judge(wanted, identity({ authenticatedAt: 0 }));

  assert.deepEqual([refusal?.code, refusal?.status], ['step_up_required', 401]);
  assert.deepEqual(fieldValues(refusal!.headers!, 'www-authenticate'), [
    'Bearer realm="corp", error="insufficient_user_authentication", acr_values="urn:mfa", max_age="900"',
  ]);
});

test('of all-of one has the acr, and each is recent', () => {
  const machine = identity({ provider: 'machines', assurance: 'urn:machine' });
  const both = (person: Partial<AuthenticatedIdentity>) => ({
    ...machine,
    members: [machine, identity(person)],
  });
  const wanted = requires({ acr: 'urn:mfa', maxAgeMs: 15 * MINUTE });

  assert.equal(judge(wanted, both({})), undefined);
  assert.equal(reasonOf(wanted, both({ assurance: 'urn:pwd' })), 'require.acr');
  assert.equal(reasonOf(wanted, both({ authenticatedAt: NOW - 60 * MINUTE })), 'require.max_age');
});

test('every claim must hold, and the first that does not is in the reason', () => {
  const groups = { text: 'groups', path: { kind: 'claim', keys: ['groups'] } } as const;
  const org = { text: 'org', path: { kind: 'claim', keys: ['org'] } } as const;
  const wanted = requires({
    claims: [
      { ...groups, conditions: [all('staff', 'admins'), not(any('banned'))] },
      { ...org, conditions: [any('acme')] },
    ],
  });

  assert.equal(judge(wanted, identity()), undefined);
  const refusal = judge(wanted, identity({ claims: { groups: ['staff', 'admins'] } }));
  assert.deepEqual([refusal?.code, refusal?.status], ['forbidden', 403]);
  assert.deepEqual(refusal?.reason, {
    code: 'require.claims',
    detail: 'the claim org is missing, the policy wants "acme"',
  });
  const banned = identity({ claims: { org: 'acme', groups: ['staff', 'admins', 'banned'] } });
  assert.equal(
    judge(wanted, banned)?.reason?.detail,
    'the claim groups is "staff", "admins", "banned", the policy wants all of "staff", "admins" and not "banned"',
  );
});

test('a long claim is cut in the reason', () => {
  const path = { kind: 'claim', keys: ['org'] } as const;
  const wanted = requires({ claims: [{ text: 'org', path, conditions: [any('acme')] }] });

  const refusal = judge(wanted, identity({ claims: { org: 'x'.repeat(5000) } }));

  assert.ok(refusal!.reason!.detail!.length < 200);
});

test('claims of another provider of all-of can be required', () => {
  const path = { kind: 'with', provider: 'api', keys: ['scope'] } as const;
  const wanted = requires({
    claims: [{ text: 'identity.with.api.scope', path, conditions: [any('keys')] }],
  });

  assert.equal(judge(wanted, identity({ with: { api: { scope: ['keys'] } } })), undefined);
  assert.equal(reasonOf(wanted, identity({ claims: { scope: 'keys' } })), 'require.claims');
  assert.equal(
    reasonOf(wanted, identity({ with: { other: { scope: 'keys' } } })),
    'require.claims',
  );
});

test('a claim that is too long for a pattern is met by neither the pattern nor its negation', () => {
  const path = { kind: 'claim', keys: ['note'] } as const;
  const wants = (condition: ClaimCondition) =>
    requires({ claims: [{ text: 'note', path, conditions: [condition] }] });
  const noted = (...note: string[]) => identity({ claims: { note } });

  for (const condition of [pattern('x*'), not(pattern('y'))]) {
    assert.equal(judge(wants(condition), noted('x'.repeat(8192))), undefined);
    for (const note of [['x'.repeat(8193)], ['x'.repeat(5000), 'x'.repeat(5000)]]) {
      const refusal = judge(wants(condition), noted(...note));
      assert.deepEqual(refusal?.reason, {
        code: 'require.claims',
        detail: 'the claim note is too long for a pattern to judge',
      });
    }
  }
});

test('nobody has no claims: what must not be so holds, everything else does not', () => {
  const path = { kind: 'claim', keys: ['org'] } as const;
  const wants = (condition: ClaimCondition) =>
    requires({ claims: [{ text: 'org', path, conditions: [condition] }] });

  assert.equal(judge(wants(not(any('banned'))), undefined), undefined);
  assert.equal(reasonOf(wants(any('acme')), undefined), 'require.claims');
});
