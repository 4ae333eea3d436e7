import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyPace, WriteStall } from '../../../../src/listener/http/pace.ts';
import { ResetBudget } from '../../../../src/listener/http2/reset-budget.ts';

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

  pace.want(0);
  pace.add(2_399);

  assert.equal(pace.judge(9_999, LIMITS), undefined);
  assert.equal(pace.judge(10_000, LIMITS)?.code, 'client_body_timeout');
});

test('a body at the rate goes on until its total time is over', () => {
  const pace = new BodyPace();
  const verdicts: boolean[] = [];

  pace.want(0);
  for (let nowMs = 10_000; nowMs <= 60_000; nowMs += 10_000) {
    pace.add(2_400);
    verdicts.push(pace.judge(nowMs, LIMITS) !== undefined);
  }

  assert.deepEqual(verdicts, [false, false, false, false, false, true]);
});

test('time in which we hold the body back counts neither for the rate nor for the total', () => {
  const pace = new BodyPace();
  pace.want(0);

  pace.rest(5_000);
  const atRest = pace.judge(100_000, LIMITS);
  pace.want(100_000);

  assert.equal(atRest, undefined);
  assert.equal(pace.judge(104_999, LIMITS), undefined);
  assert.equal(pace.judge(105_000, LIMITS)?.code, 'client_body_timeout');
});

test('asking for more of a body that comes already gives its client no time', () => {
  const pace = new BodyPace();

  for (let nowMs = 0; nowMs < 10_000; nowMs += 1_000) pace.want(nowMs);

  assert.equal(pace.judge(10_000, LIMITS)?.code, 'client_body_timeout');
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
