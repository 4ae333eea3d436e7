import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressLimiter } from '../../../../src/evaluate/limit/address-limiter.ts';
import { addressRate } from '../../../../src/policy/compile/compile-limits.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import type { Rate } from '../../../../src/policy/snapshot/snapshot.ts';
import { rate } from '../../../support/policy/policy.ts';

test('limits each client address by itself and tells how long', () => {
  const limiter = scene();

  assert.equal(limiter.admit('192.0.2.1', rate('1/m')), undefined);
  const refusal = limiter.admit('192.0.2.1', rate('1/m'));

  assert.equal(refusal?.code, 'rate_limited');
  assert.deepEqual(refusal?.headers, ['retry-after', '60']);
  assert.deepEqual(refusal?.members, { limit: 'gateway.limits.perClientAddress.rate' });
  assert.equal(limiter.admit('192.0.2.2', rate('1/m')), undefined);
});

test('admits everything when the policy sets no rate', () => {
  const limiter = scene();

  for (let i = 0; i < 100; i += 1) assert.equal(limiter.admit('192.0.2.1', undefined), undefined);
});

test('changing the address within a /64 does not help', () => {
  const limiter = scene();
  limiter.admit('2001:db8::1', rate('1/s'));

  assert.equal(limiter.admit('2001:db8::2', rate('1/s'))?.code, 'rate_limited');
});

test('changing the /64 within a /48 helps sixteen times and no more', () => {
  const limiter = scene();

  const outcomes = Array.from({ length: 40 }, (_, i) =>
    limiter.admit(`2001:db8:1:${i.toString(16)}::1`, rate('1/h')),
  );

  assert.equal(outcomes.filter((outcome) => outcome === undefined).length, 16);
  assert.equal(limiter.admit('2001:db8:2::1', rate('1/h')), undefined);
});

/** Memory answers in the same turn. */
function scene() {
  const limiter = new AddressLimiter({ clock: new FakeClock() });
  return {
    admit: (address: string, of: Rate | undefined) => {
      const outcome = limiter.admit(address, of && addressRate(of));
      assert.ok(outcome === undefined || isRefusal(outcome));
      return outcome;
    },
  };
}
