import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyPace, WriteStall } from '../../../src/listener/pace.ts';
import { ResetBudget } from '../../../src/listener/reset-budget.ts';

const LIMITS = {
  handshakeMs: 1,
  headersMs: 1,
  bodyMinRate: 240,
  bodyTotalMs: 60_000,
  writeMs: 1,
  idleMs: 1,
};

test('a body slower than the rate over one window is too slow', () => {
  const pace = new BodyPace();

  assert.equal(pace.isTooSlow(0, LIMITS), false);
  pace.add(2_399);

  assert.equal(pace.isTooSlow(9_999, LIMITS), false);
  assert.equal(pace.isTooSlow(10_000, LIMITS), true);
});

test('a body at the rate goes on until its total time is over', () => {
  const pace = new BodyPace();
  const verdicts: boolean[] = [];

  for (let nowMs = 0; nowMs <= 60_000; nowMs += 10_000) {
    verdicts.push(pace.isTooSlow(nowMs, LIMITS));
    pace.add(2_400);
  }

  assert.deepEqual(verdicts, [false, false, false, false, false, false, true]);
});

test('time in which we paused the body does not count', () => {
  const pace = new BodyPace();
  pace.isTooSlow(0, LIMITS);

  pace.restartWindow();

  assert.equal(pace.isTooSlow(50_000, LIMITS), false);
});

test('a peer that takes anything is not stalled', () => {
  const stall = new WriteStall();

  assert.equal(stall.isStalled(0, 100, 0, 60_000), false);
  assert.equal(stall.isStalled(59_000, 99, 1, 60_000), false);
  assert.equal(stall.isStalled(118_000, 99, 1, 60_000), false);
  assert.equal(stall.isStalled(119_000, 99, 1, 60_000), true);
});

test('the reset budget refills with time', () => {
  const budget = new ResetBudget(0);

  const first = Array.from({ length: 101 }, () => budget.spend(0));

  assert.equal(first.filter((isLeft) => isLeft).length, 100);
  assert.equal(budget.spend(1_000), true);
});
