import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCondition, holds } from '../../../../src/evaluate/auth/claim-condition.ts';
import { unmetRequirement } from '../../../../src/evaluate/auth/requirements.ts';
import type { JudgedIdentity } from '../../../../src/evaluate/auth/requirements.ts';
import { stringifyJson } from '../../../../src/core/exact-json.ts';
import { fieldValues } from '../../../../src/core/header-list.ts';
import type {
  ClaimCondition,
  ClaimValue,
  RuleRequirements,
} from '../../../../src/policy/snapshot/snapshot.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

function identity(more: Partial<JudgedIdentity> = {}): JudgedIdentity {
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

const judge = (wanted: RuleRequirements | undefined, who: JudgedIdentity | undefined) =>
  unmetRequirement(wanted, who, NOW);
const reasonOf = (wanted: RuleRequirements, who: JudgedIdentity | undefined) =>
  judge(wanted, who)?.reason?.code;

const any = (...values: ClaimValue[]): ClaimCondition => ({ kind: 'any', values });
const all = (...values: string[]): ClaimCondition => ({ kind: 'all', values });
const not = (...conditions: ClaimCondition[]): ClaimCondition => ({ kind: 'not', conditions });
const prefix = (text: string): ClaimCondition => ({ kind: 'prefix', prefix: text });

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
  const both = (person: Partial<JudgedIdentity>) => ({
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
