import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstField } from '../../../src/core/header-list.ts';
import { isRefusal } from '../../../src/core/refusal.ts';
import type { Refusal } from '../../../src/core/refusal.ts';
import { gatesFor } from '../../../src/limit/gates.ts';
import type { Gate, LimitedTenant } from '../../../src/limit/gates.ts';
import { Limiter } from '../../../src/limit/limiter.ts';
import type { Permit } from '../../../src/limit/permit.ts';
import type { Limits, Rule } from '../../../src/policy/snapshot.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { limits, rate, rule } from '../../support/policy.ts';

test('refuses the eleventh request within a second and names the limit', () => {
  const { admit } = scene();
  const gates = tenantGates({ rates: [rate('10/s')] });

  const outcomes = Array.from({ length: 11 }, () => admit(gates));

  const refusals = outcomes.filter(isRefusal);
  assert.equal(refusals.length, 1);
  assert.equal(refusals[0]!.code, 'rate_limited');
  assert.equal(refusals[0]!.status, 429);
  assert.deepEqual(refusals[0]!.members, { limit: 'tiers.free.rate' });
});

test('says when to come back, in whole seconds, the same in both fields', () => {
  const { admit } = scene();
  const gates = tenantGates({ rates: [rate('10/m')], burst: 1 });
  permitted(admit(gates));

  const refusal = refused(admit(gates));

  assert.equal(firstField(refusal.headers!, 'retry-after'), '6');
  assert.equal(firstField(refusal.headers!, 'ratelimit'), '"tiers.free.rate";r=0;t=6');
  assert.equal(firstField(refusal.headers!, 'ratelimit-policy'), '"tiers.free.rate";q=10;w=60');
});

test('never says less than a second', () => {
  const { admit } = scene();
  const gates = tenantGates({ rates: [rate('10/s')], burst: 1 });
  permitted(admit(gates));

  assert.equal(firstField(refused(admit(gates)).headers!, 'retry-after'), '1');
});

test('admits again when Retry-After has passed', () => {
  const { admit, clock } = scene();
  const gates = tenantGates({ rates: [rate('7/m')] });
  for (let i = 0; i < 7; i += 1) permitted(admit(gates));
  const seconds = Number(firstField(refused(admit(gates)).headers!, 'retry-after'));

  clock.advance(seconds * 1000);

  permitted(admit(gates));
});

test('with several rates all must admit, and the refused request spends none', () => {
  const { admit, clock } = scene();
  const gates = tenantGates({ rates: [rate('2/s'), rate('3/m')] });
  permitted(admit(gates));
  permitted(admit(gates));
  assert.equal(refused(admit(gates)).members!.limit, 'tiers.free.rate');

  clock.advance(1000);

  permitted(admit(gates));
  const refusal = refused(admit(gates));
  assert.equal(refusal.members!.limit, 'tiers.free.rate[1]');
  assert.equal(firstField(refusal.headers!, 'retry-after'), '19');
});

test('tells all policies and the state of the most restrictive', () => {
  const { admit } = scene();
  const gates = tenantGates({ rates: [rate('10/s'), rate('5/m')] });

  const { fields } = permitted(admit(gates));

  assert.equal(
    firstField(fields, 'ratelimit-policy'),
    '"tiers.free.rate";q=10;w=1, "tiers.free.rate[1]";q=5;w=60',
  );
  assert.equal(firstField(fields, 'ratelimit'), '"tiers.free.rate[1]";r=4;t=12');
});

test('puts no tenant id, and nothing that breaks a structured field, into the fields', () => {
  const { admit } = scene();
  const gates = gatesFor(
    rule({ route: 'web', path: '/é"\\/**', pathLimits: limits({ rates: [rate('1/s')] }) }),
    tenant({ id: 'alice@example.com' }),
  );

  const { fields } = permitted(admit(gates));

  assert.doesNotMatch(fields.join(), /alice/);
  assert.equal(firstField(fields, 'ratelimit'), '"routes.web.paths./?\\"\\\\/**.rate";r=0;t=1');
});

test('gives no RateLimit fields when they are switched off, but still Retry-After', () => {
  const limiter = new Limiter({ clock: new FakeClock(), withRateLimitFields: false });
  const gates = tenantGates({ rates: [rate('1/s')] });

  assert.deepEqual(permitted(limiter.admit(gates)).fields, []);
  assert.deepEqual(refused(limiter.admit(gates)).headers, ['retry-after', '1']);
});

test('holds a place in flight until the permit is disposed, once', () => {
  const { admit } = scene();
  const gates = tenantGates({ concurrent: 2 });
  const first = permitted(admit(gates));
  permitted(admit(gates));

  const refusal = refused(admit(gates));
  first[Symbol.dispose]();
  first[Symbol.dispose]();

  assert.equal(refusal.code, 'concurrency_limited');
  assert.deepEqual(refusal.members, { limit: 'tiers.free.concurrent' });
  assert.equal(firstField(refusal.headers!, 'retry-after'), '1');
  permitted(admit(gates));
  refused(admit(gates));
});

test('a request refused by a later gate spends nothing of earlier ones', () => {
  const { admit, limiter } = scene();
  const gates = gatesFor(
    rule({ routeLimits: limits({ rates: [rate('1/h')] }) }),
    tenant({ limits: limits({ rates: [rate('3/h')], concurrent: 5 }) }),
  );
  const first = permitted(admit(gates));
  for (let i = 0; i < 100; i += 1) refused(admit(gates));
  first[Symbol.dispose]();

  const tenantGate = gates.slice(0, 1);
  assert.equal(limiter.inFlight(tenantGate[0]!.concurrencyKey), 0);
  permitted(admit(tenantGate));
  permitted(admit(tenantGate));
  refused(admit(tenantGate));
});

test('a request over its concurrency spends no rate', () => {
  const { admit } = scene();
  const gates = tenantGates({ rates: [rate('2/h')], concurrent: 1 });
  const first = permitted(admit(gates));
  refused(admit(gates));
  first[Symbol.dispose]();

  permitted(admit(gates));
});

test('asks tenant, route and path in this order', () => {
  const one = limits({ rates: [rate('1/s')] });
  const gates = gatesFor(
    rule({ route: 'web', path: '/v1/**', routeLimits: one, pathLimits: one }),
    tenant({ limits: one }),
  );

  assert.deepEqual(
    gates.map(({ name }) => name),
    ['tiers.free', 'routes.web', 'routes.web.paths./v1/**'],
  );
});

test('the limit of a route counts all tenants together', () => {
  const { admit } = scene();
  const limited = rule({ routeLimits: limits({ rates: [rate('1/s')] }) });

  permitted(admit(gatesFor(limited, tenant({ id: 'acme' }))));

  const refusal = refused(admit(gatesFor(limited, tenant({ id: 'beta' }))));
  assert.equal(refusal.members!.limit, 'routes.web.rate');
});

test('the paths of a route share the limit of the route and have their own', () => {
  const { admit } = scene();
  const shared: Partial<Rule> = { routeLimits: limits({ rates: [rate('3/s')] }) };
  const own = { pathLimits: limits({ rates: [rate('1/s')] }) };
  const narrow = gatesFor(rule({ ...shared, ...own, path: '/narrow' }), tenant({}));
  const wide = gatesFor(rule({ ...shared, path: '/**' }), tenant({}));

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
  const gates = tenantGates({ rates: [rate('1/s')], mode: 'shadow' });

  const permits = [1, 2, 3].map(() => permitted(limiter.admit(gates)));

  assert.deepEqual(seen, ['shadow tiers.free.rate', 'shadow tiers.free.rate']);
  assert.deepEqual(permits[0]!.fields, []);
});

test('shadow mode counts as enforcement would: what it would refuse spends nothing', () => {
  const seen: string[] = [];
  const limiter = new Limiter({ clock: new FakeClock(), onLimited: (limit) => seen.push(limit) });
  const gates = tenantGates({ rates: [rate('2/h')], concurrent: 1, mode: 'shadow' });
  const first = permitted(limiter.admit(gates));
  permitted(limiter.admit(gates));
  first[Symbol.dispose]();

  permitted(limiter.admit(gates));

  assert.deepEqual(seen, ['tiers.free.concurrent']);
});

test('buckets outlast a reload that keeps rule and window', () => {
  const { admit } = scene();
  const before = tenantGates({ rates: [rate('2/m')] });
  permitted(admit(before));
  permitted(admit(before));

  refused(admit(tenantGates({ rates: [rate('2/m')] })));
  permitted(admit(tenantGates({ rates: [rate('2/h')] })));
});

test('a tenant moved to another tier does not get a fresh bucket', () => {
  const { admit } = scene();
  permitted(admit(gatesFor(rule(), tenant({ limits: limits({ rates: [rate('1/h')] }) }))));

  const moved = tenant({ limitsName: 'tiers.gold', limits: limits({ rates: [rate('1/h')] }) });

  refused(admit(gatesFor(rule(), moved)));
});

test('without any limits everything is admitted', () => {
  const { admit } = scene();

  assert.deepEqual(permitted(admit(gatesFor(rule(), tenant({})))).fields, []);
});

function scene() {
  const clock = new FakeClock();
  const limiter = new Limiter({ clock });
  return { clock, limiter, admit: (gates: readonly Gate[]) => limiter.admit(gates) };
}

function tenant(overrides: Partial<LimitedTenant>): LimitedTenant {
  return { id: 'acme', kind: 'claim', limits: undefined, limitsName: 'tiers.free', ...overrides };
}

function tenantGates(some: Partial<Limits>): readonly Gate[] {
  return gatesFor(rule(), tenant({ limits: limits(some) }));
}

function permitted(outcome: Permit | Refusal): Permit {
  assert.ok(!isRefusal(outcome), `refused: ${JSON.stringify(outcome)}`);
  return outcome;
}

function refused(outcome: Permit | Refusal): Refusal {
  assert.ok(isRefusal(outcome), 'admitted');
  return outcome;
}
