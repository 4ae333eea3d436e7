import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claimant } from '../../../../src/core/claims.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import type { TenantsPolicy } from '../../../../src/policy/snapshot/snapshot.ts';
import { resolveTenant } from '../../../../src/evaluate/tenant/resolve-tenant.ts';
import type { Tenant } from '../../../../src/evaluate/tenant/resolve-tenant.ts';
import { warnOncePerTier } from '../../../../src/evaluate/tenant/unknown-tier-warnings.ts';
import { limits, rate, tenancy } from '../../../support/policy/policy.ts';

const free = limits({ rates: [rate('10/s')] });
const gold = limits({ rates: [rate('1000/s')] });
const tiers = new Map([
  ['free', free],
  ['gold', gold],
]);

const byOrg: TenantsPolicy = {
  id: { kind: 'claim', keys: ['org'] },
  tier: { from: { kind: 'claim', keys: ['plan'] }, default: 'free' },
  anonymous: { tier: undefined },
  overrides: new Map(),
};

test('without a tenants block the tenant is issuer and subject together', () => {
  const one = resolved(tenancy(), identity({ issuer: 'ab', subject: 'c' }));
  const other = resolved(tenancy(), identity({ issuer: 'a', subject: 'bc' }));

  assert.notEqual(one.id, other.id);
  assert.equal(one.kind, 'identity');
  assert.equal(one.limits, undefined);
});

test('without a tenants block the tier called default applies when there is one', () => {
  const policy = tenancy({ tiers: new Map([['default', gold]]) });

  const tenant = resolved(policy, identity({}));

  assert.equal(tenant.tier, 'default');
  assert.equal(tenant.limits, gold);
});

test('without an identity the tenant is the client address, IPv6 by its /64', () => {
  const one = resolved(tenancy(), undefined, '2001:db8::1');
  const other = resolved(tenancy(), undefined, '2001:db8::2');
  const far = resolved(tenancy(), undefined, '2001:db8:0:1::1');

  assert.equal(one.id, other.id);
  assert.notEqual(one.id, far.id);
  assert.equal(one.kind, 'address');
});

test('an anonymous client gets the anonymous tier, else the default one', () => {
  const named = tenancy({ tenants: { ...byOrg, anonymous: { tier: 'gold' } }, tiers });

  assert.equal(resolved(named, undefined).tier, 'gold');
  assert.equal(resolved(tenancy({ tenants: byOrg, tiers }), undefined).tier, 'free');
});

test('takes id and tier from the claims that the policy names', () => {
  const tenant = resolved(tenancy({ tenants: byOrg, tiers }), {
    ...identity({}),
    claims: { org: 'acme', plan: 'gold' },
  });

  assert.deepEqual(tenant, {
    id: 'acme',
    kind: 'claim',
    tier: 'gold',
    limits: gold,
    limitsName: 'tiers.gold',
  });
});

test('a claim cannot make a tenant that counts as an address', () => {
  const claimed = resolved(tenancy({ tenants: byOrg, tiers }), {
    ...identity({}),
    claims: { org: '192.0.2.1' },
  });
  const anonymous = resolved(tenancy({ tenants: byOrg, tiers }), undefined, '192.0.2.1');

  assert.notEqual(`${claimed.kind} ${claimed.id}`, `${anonymous.kind} ${anonymous.id}`);
});

for (const claims of [{}, { org: '' }, { org: ['a', 'b'] }, { org: {} }, { org: null }]) {
  test(`refuses an identity whose tenants.id yields nothing: ${JSON.stringify(claims)}`, () => {
    const policy = tenancy({ tenants: byOrg, tiers });

    const outcome = resolveTenant(policy, { ...identity({}), claims }, '192.0.2.1');

    assert.ok(isRefusal(outcome));
    assert.equal(outcome.code, 'tenant_unknown');
    assert.equal(outcome.status, 403);
  });
}

test('an override goes before the tier, for tier and for limits', () => {
  const [ofFree, ofNone] = [limits({ concurrent: 3 }), limits({ concurrent: 4 })];
  const byTier = new Map([
    ['free', ofFree],
    [undefined, ofNone],
  ]);
  const overrides = new Map([
    ['acme', { tier: 'gold', limits: undefined }],
    ['beta', { tier: undefined, limits: byTier }],
  ]);
  const policy = tenancy({ tenants: { ...byOrg, overrides }, tiers });
  const beta = { ...identity({}), claims: { org: 'beta' } };

  const acme = resolved(policy, { ...identity({}), claims: { org: 'acme', plan: 'free' } });
  const inTier = resolved(policy, beta);
  const inNone = resolved({ ...policy, tiers: new Map() }, beta);

  assert.equal(acme.limits, gold);
  assert.equal(inTier.limits, ofFree);
  assert.equal(inNone.limits, ofNone);
  assert.equal(inTier.limitsName, 'tenants.overrides');
});

test('a claim that names no tier uses the default and warns once', () => {
  const warnings: string[] = [];
  const warn = warnOncePerTier((message) => warnings.push(message));
  const policy = tenancy({ tenants: byOrg, tiers });
  const who = { ...identity({}), claims: { org: 'acme', plan: 'platinum' } };

  const tenant = resolveTenant(policy, who, '192.0.2.1', warn);
  resolveTenant(policy, who, '192.0.2.1', warn);

  assert.ok(!isRefusal(tenant));
  assert.equal(tenant.tier, 'free');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /"platinum".*tier free used/);
});

test('stops warning after 256 names, however many an issuer invents', () => {
  const warnings: string[] = [];
  const warn = warnOncePerTier((message) => warnings.push(message));

  for (let i = 0; i < 1000; i += 1) warn(`tier-${i}`, undefined);

  assert.equal(warnings.length, 256);
});

function identity(overrides: Partial<Claimant>): Claimant {
  return { subject: 'u1', issuer: 'https://issuer', method: 'jwt', claims: {}, ...overrides };
}

function resolved(
  policy: Parameters<typeof resolveTenant>[0],
  who: Claimant | undefined,
  address = '192.0.2.1',
): Tenant {
  const outcome = resolveTenant(policy, who, address);
  assert.ok(!isRefusal(outcome), `refused: ${JSON.stringify(outcome)}`);
  return outcome;
}
