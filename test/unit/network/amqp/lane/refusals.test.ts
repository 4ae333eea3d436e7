import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusals } from '../../../../../src/network/amqp/lane/refusals.ts';
import { FakeClock } from '../../../../support/fakes/fake-clock.ts';

const KEY = 'web:8080';

function refusedTimes(refusals: Refusals, times: number): void {
  for (let i = 0; i < times; i += 1) refusals.refused(KEY);
}

test('trying again may turn the router, until 32 in a row came back', () => {
  const refusals = new Refusals(new FakeClock());

  refusedTimes(refusals, 31);
  const before = refusals.mayTurn(KEY);
  refusedTimes(refusals, 1);

  assert.equal(before, true);
  assert.equal(refusals.mayTurn(KEY), false);
  assert.equal(refusals.mayTurn('api:8080'), true);
});

test('a lane that opens ends the row, and not the memory of the last second', () => {
  const refusals = new Refusals(new FakeClock());
  refusedTimes(refusals, 32);

  refusals.reached(KEY);

  assert.equal(refusals.mayTurn(KEY), true);
  assert.equal(refusals.isRecent(KEY), true);
});
