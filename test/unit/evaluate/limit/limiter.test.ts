import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstField } from '../../../../src/core/header-list.ts';
import type { Maybe } from '../../../../src/core/maybe.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import type { Refusal } from '../../../../src/core/refusal.ts';
import type { Check } from '../../../../src/policy/snapshot/snapshot.ts';
import { requestChecks } from '../../../../src/evaluate/limit/request-checks.ts';
import type { LimitedTenant } from '../../../../src/evaluate/limit/request-checks.ts';
import { Limiter } from '../../../../src/evaluate/limit/limiter.ts';
import { tenantLimits } from '../../../../src/policy/compile/compile-limits.ts';
import type { Permit } from '../../../../src/evaluate/limit/permit.ts';
import type { Rule } from '../../../../src/policy/snapshot/snapshot.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { limits, rate, rule } from '../../../support/policy/policy.ts';
import type { WrittenLimits } from '../../../support/policy/policy.ts';

test('refuses the eleventh request within a second and names the limit', () => {
  const { admit } = scene();
  const checks = tenantChecks({ rates: [rate('10/s')] });

  const outcomes = Array.from({ length: 11 }, () => admit(checks));

  const refusals = outcomes.filter(isRefusal);
  assert.equal(refusals.length, 1);
  assert.equal(refusals[0]!.code, 'rate_limited');
  assert.equal(refusals[0]!.status, 429);
  assert.deepEqual(refusals[0]!.members, { limit: 'tiers.free.rate' });
});

test('says when to come back, in whole seconds, the same in both fields', () => {
  const { admit } = scene();
  const checks = tenantChecks({ rates: [rate('10/m')], burst: 1 });
  permitted(admit(checks));

  const refusal = refused(admit(checks));

  assert.equal(firstField(refusal.headers!, 'retry-after'), '6');
  assert.equal(firstField(refusal.headers!, 'ratelimit'), '"tiers.free.rate";r=0;t=6');
  assert.equal(firstField(refusal.headers!, 'ratelimit-policy'), '"tiers.free.rate";q=10;w=60');
});

test('never says less than a second', () => {
  const { admit } = scene();
  const checks = tenantChecks({ rates: [rate('10/s')], burst: 1 });
  permitted(admit(checks));

  assert.equal(firstField(refused(admit(checks)).headers!, 'retry-after'), '1');
});

test('admits again when Retry-After has passed', () => {
  const { admit, clock } = scene();
  const checks = tenantChecks({ rates: [rate('7/m')] });
  for (let i = 0; i < 7; i += 1) permitted(admit(checks));
  const seconds = Number(firstField(refused(admit(checks)).headers!, 'retry-after'));

  clock.advance(seconds * 1000);

  permitted(admit(checks));
});

test('with several rates all must admit, and the refused request spends none', () => {
  const { admit, clock } = scene();
  const checks = tenantChecks({ rates: [rate('2/s'), rate('3/m')] });
  permitted(admit(checks));
  permitted(admit(checks));
  assert.equal(refused(admit(checks)).members!.limit, 'tiers.free.rate');

  clock.advance(1000);

  permitted(admit(checks));
  const refusal = refused(admit(checks));
  assert.equal(refusal.members!.limit, 'tiers.free.rate[1]');
  assert.equal(firstField(refusal.headers!, 'retry-after'), '19');
});

test('tells all policies and the state of the most restrictive', () => {
  const { admit } = scene();
  const checks = tenantChecks({ rates: [rate('10/s'), rate('5/m')] });

  const { fields } = permitted(admit(checks));

  assert.equal(
    firstField(fields, 'ratelimit-policy'),
    '"tiers.free.rate";q=10;w=1, "tiers.free.rate[1]";q=5;w=60',
  );
  assert.equal(firstField(fields, 'ratelimit'), '"tiers.free.rate[1]";r=4;t=12');
});

test('puts no tenant id, and nothing that breaks a structured field, into the fields', () => {
  const { admit } = scene();
  const checks = requestChecks(
    rule({ route: 'web', path: '/é"\\/**', pathLimits: limits({ rates: [rate('1/s')] }) }),
    tenant({ id: 'alice@example.com' }),
  );

  const { fields } = permitted(admit(checks));

  assert.doesNotMatch(fields.join(), /alice/);
  assert.equal(firstField(fields, 'ratelimit'), '"routes.web.paths./?\\"\\\\/**.rate";r=0;t=1');
});

test('gives no RateLimit fields when they are switched off, but still Retry-After', () => {
  const limiter = new Limiter({ clock: new FakeClock(), withRateLimitFields: false });
  const checks = tenantChecks({ rates: [rate('1/s')] });

  assert.deepEqual(permitted(atOnce(limiter.admit(checks))).fields, []);
  assert.deepEqual(refused(atOnce(limiter.admit(checks))).headers, ['retry-after', '1']);
});

test('holds a place in flight until the permit is disposed, once', () => {
  const { admit } = scene();
  const checks = tenantChecks({ concurrent: 2 });
  const first = permitted(admit(checks));
  permitted(admit(checks));

  const refusal = refused(admit(checks));
  first[Symbol.dispose]();
  first[Symbol.dispose]();

  assert.equal(refusal.code, 'concurrency_limited');
  assert.deepEqual(refusal.members, { limit: 'tiers.free.concurrent' });
  assert.equal(firstField(refusal.headers!, 'retry-after'), '1');
  permitted(admit(checks));
  refused(admit(checks));
});

test('a request refused by a later check spends nothing of earlier ones', () => {
  const { admit } = scene();
  const checks = requestChecks(
    rule({ routeLimits: limits({ rates: [rate('1/h')] }) }),
    tenant({ limits: limits({ rates: [rate('3/h')], concurrent: 2 }) }),
  );
  const first = permitted(admit(checks));
  for (let i = 0; i < 100; i += 1) refused(admit(checks));
  first[Symbol.dispose]();

  const ofTenant = checks.slice(0, 2);
  permitted(admit(ofTenant));
  permitted(admit(ofTenant))[Symbol.dispose]();
  assert.equal(refused(admit(ofTenant)).code, 'rate_limited');
});

test('a request over its concurrency spends no rate', () => {
  const { admit } = scene();
  const checks = tenantChecks({ rates: [rate('2/h')], concurrent: 1 });
  const first = permitted(admit(checks));
  refused(admit(checks));
  first[Symbol.dispose]();

  permitted(admit(checks));
});

test('asks tenant, route and path in this order', () => {
  const one = limits({ rates: [rate('1/s')] });
  const checks = requestChecks(
    rule({ route: 'web', path: '/v1/**', routeLimits: one, pathLimits: one }),
    tenant({ limits: one }),
  );

  assert.deepEqual(
    checks.map(({ name }) => name),
    ['tiers.free.rate', 'routes.web.rate', 'routes.web.paths./v1/**.rate'],
  );
});

test('nothing is made for a request whose tenant has no limits of its own', () => {
  const limited = rule({ pathLimits: limits({ rates: [rate('1/s')] }) });

  assert.equal(requestChecks(limited, tenant({})), limited.limitChecks);
});

test('the limit of a route counts all tenants together', () => {
  const { admit } = scene();
  const limited = rule({ routeLimits: limits({ rates: [rate('1/s')] }) });

  permitted(admit(requestChecks(limited, tenant({ id: 'acme' }))));

  const refusal = refused(admit(requestChecks(limited, tenant({ id: 'beta' }))));
  assert.equal(refusal.members!.limit, 'routes.web.rate');
});

test('the paths of a route share the limit of the route and have their own', () => {
  const { admit } = scene();
  const shared: Partial<Rule> = { routeLimits: limits({ rates: [rate('3/s')] }) };
  const own = { pathLimits: limits({ rates: [rate('1/s')] }) };
  const narrow = requestChecks(rule({ ...shared, ...own, path: '/narrow' }), tenant({}));
  const wide = requestChecks(rule({ ...shared, path: '/**' }), tenant({}));

  permitted(admit(narrow));
  assert.equal(refused(admit(narrow)).members!.limit, 'routes.web.paths./narrow.rate');
  permitted(admit(wide));
  permitted(admit(wide));
  assert.equal(refused(admit(wide)).members!.limit, 'routes.web.rate');
});

test('shadow mode counts and lets pass', () => {
  const seen: string[] = [];
  const limiter = new Limiter({
    clock: new FakeClock(),
    onLimited: (limit, mode) => seen.push(`${mode} ${limit}`),
  });
  const checks = tenantChecks({ rates: [rate('1/s')], mode: 'shadow' });

  const permits = [1, 2, 3].map(() => permitted(atOnce(limiter.admit(checks))));

  assert.deepEqual(seen, ['shadow tiers.free.rate', 'shadow tiers.free.rate']);
  assert.deepEqual(permits[0]!.fields, []);
});

test('shadow mode counts as enforcement would: what it would refuse spends nothing', () => {
  const seen: string[] = [];
  const limiter = new Limiter({ clock: new FakeClock(), onLimited: (limit) => seen.push(limit) });
  const checks = tenantChecks({ rates: [rate('2/h')], concurrent: 1, mode: 'shadow' });
  const first = permitted(atOnce(limiter.admit(checks)));
  permitted(atOnce(limiter.admit(checks)));
  first[Symbol.dispose]();

  permitted(atOnce(limiter.admit(checks)));

  assert.deepEqual(seen, ['tiers.free.concurrent']);
});

test('buckets outlast a reload that keeps rule and window', () => {
  const { admit } = scene();
  const before = tenantChecks({ rates: [rate('2/m')] });
  permitted(admit(before));
  permitted(admit(before));

  refused(admit(tenantChecks({ rates: [rate('2/m')] })));
  permitted(admit(tenantChecks({ rates: [rate('2/h')] })));
});

test('a tenant moved to another tier does not get a fresh bucket', () => {
  const { admit } = scene();
  permitted(admit(requestChecks(rule(), tenant({ limits: limits({ rates: [rate('1/h')] }) }))));

  const moved = tenant({ limits: tenantLimits('tiers.gold', { rate: rate('1/h') }) });

  refused(admit(requestChecks(rule(), moved)));
});

test('without any limits everything is admitted', () => {
  const { admit } = scene();

  assert.deepEqual(permitted(admit(requestChecks(rule(), tenant({})))).fields, []);
});

function scene() {
  const clock = new FakeClock();
  const limiter = new Limiter({ clock });
  return { clock, admit: (checks: readonly Check[]) => atOnce(limiter.admit(checks)) };
}

/** Memory answers in the same turn. */
function atOnce(outcome: Maybe<Permit | Refusal>): Permit | Refusal {
  assert.ok(!(outcome instanceof Promise));
  return outcome;
}

function tenant(overrides: Partial<LimitedTenant>): LimitedTenant {
  return { id: 'acme', kind: 'claim', limits: undefined, ...overrides };
}

function tenantChecks(some: WrittenLimits): readonly Check[] {
  return requestChecks(rule(), tenant({ limits: limits(some) }));
}

function permitted(outcome: Permit | Refusal): Permit {
  assert.ok(!isRefusal(outcome), `refused: ${JSON.stringify(outcome)}`);
  return outcome;
}

function refused(outcome: Permit | Refusal): Refusal {
  assert.ok(isRefusal(outcome), 'admitted');
  return outcome;
}
