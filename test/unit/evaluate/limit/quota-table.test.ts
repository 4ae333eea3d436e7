import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calendar } from '../../../../src/evaluate/limit/calendar.ts';
import { QuotaTable } from '../../../../src/evaluate/limit/quota-table.ts';

const MONTH = { per: 'month', zone: 'UTC', name: 'month UTC' } as const;
const [JANUARY, FEBRUARY] = [Date.UTC(2026, 0, 31, 23), Date.UTC(2026, 1, 1)];

function scene(maxKeys?: number) {
  let nowMs = JANUARY;
  const clock = { now: () => nowMs, monotonicMs: () => 0, after: () => ({ cancel: () => {} }) };
  const table = new QuotaTable(new Calendar(clock), maxKeys);
  return {
    table,
    at: (ms: number) => void (nowMs = ms),
    take: (key: string, amount = 1) =>
      table.take({ key, ruleKey: 'rule', amount, period: MONTH }).isAdmitted,
  };
}

test('the next period begins with all of the quota', () => {
  const { take, at } = scene();
  assert.deepEqual([take('a'), take('a')], [true, false]);

  at(FEBRUARY);

  assert.deepEqual([take('a'), take('a')], [true, false]);
});

test('says how long the period lasts still', () => {
  const { table } = scene();
  const quota = { key: 'a', ruleKey: 'rule', amount: 1, period: MONTH };
  table.take(quota);

  assert.equal(table.take(quota).waitMs, FEBRUARY - JANUARY);
});

test('a clock that jumps into the next period and comes back gives no second quota', () => {
  const { take, at } = scene();
  take('a');
  at(FEBRUARY);
  take('a');

  at(JANUARY);

  assert.equal(take('a'), false);
  at(FEBRUARY);
  assert.equal(take('a'), false);
});

test('what is given back after the end of its period is nobody else’s', () => {
  const { table, take, at } = scene();
  const quota = { key: 'a', ruleKey: 'rule', amount: 1, period: MONTH };
  const { slot } = table.take(quota);
  at(FEBRUARY);
  take('a');

  table.giveBack(quota, slot);

  assert.equal(take('a'), false);
});

test('keys that find no room share one quota, and those that are known keep theirs', () => {
  const { take } = scene(2);
  take('a', 2);
  take('b', 2);

  assert.deepEqual([take('c', 2), take('d', 2), take('e', 2)], [true, true, false]);
  assert.deepEqual([take('a', 2), take('b', 2), take('a', 2)], [true, true, false]);
});

test('periods that are over make room', () => {
  const { take, at } = scene(2);
  take('a');
  take('b');

  at(FEBRUARY);
  assert.equal(take('shared'), true);
  assert.equal(take('shares'), false);

  at(Date.UTC(2026, 2, 1));
  assert.equal(take('c'), true);
  assert.equal(take('d'), true);
});
