import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  limitsOf,
  overriddenLimits,
  tenantLimits,
} from '../../../../src/policy/compile/compile-limits.ts';
import { rate } from '../../../support/policy/policy.ts';

test('a burst is the capacity of the first rate, and the others have that of their window', () => {
  const limits = limitsOf({ rate: [rate('10/s'), rate('60/m')], burst: 20 })!;

  assert.deepEqual(
    limits.rates.map(({ intervalMs, capacity }) => [intervalMs, capacity]),
    [
      [100, 20],
      [1000, 60],
    ],
  );
  assert.deepEqual([limits.concurrent, limits.mode], [undefined, 'enforce']);
});

test('what an override does not say is as the tier says, key by key', () => {
  const tier = { rate: rate('10/s'), burst: 20, concurrent: 5, mode: 'shadow' as const };
  const both = [rate('99/s'), rate('9/m')];

  const told = [
    { concurrent: 800 },
    { rate: rate('99/s') },
    { rate: both },
    { burst: 7 },
    { mode: 'enforce' as const },
    {},
  ].map((override) => {
    const { rates, concurrent, mode } = overriddenLimits(tier, override);
    return [...rates.map((each) => `${each.rate.text} of ${each.capacity}`), concurrent, mode];
  });

  assert.deepEqual(told, [
    ['10/s of 20', 800, 'shadow'],
    ['99/s of 20', 5, 'shadow'],
    ['99/s of 20', '9/m of 9', 5, 'shadow'],
    ['10/s of 7', 5, 'shadow'],
    ['10/s of 20', 5, 'enforce'],
    ['10/s of 20', 5, 'shadow'],
  ]);
});

test('an override of a tenant without a tier stands alone', () => {
  const limits = overriddenLimits(undefined, { concurrent: 3 });

  assert.deepEqual(limits, tenantLimits('tenants.overrides', { concurrent: 3 }));
});
