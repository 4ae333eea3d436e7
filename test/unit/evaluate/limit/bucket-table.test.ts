import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BucketTable } from '../../../../src/evaluate/limit/bucket-table.ts';
import { bucketShape } from '../../../../src/core/bucket-shape.ts';
import { rate } from '../../../support/policy/policy.ts';

const shape = bucketShape(rate('2/s'), undefined);
const bucket = (key: string) => ({ key, ruleKey: 'rule', shape });

test('counts each key by itself', () => {
  const table = new BucketTable();
  table.take(bucket('a'), 0);
  table.take(bucket('a'), 0);

  assert.equal(table.take(bucket('a'), 0).isAdmitted, false);
  assert.equal(table.take(bucket('b'), 0).isAdmitted, true);
});

test('keeps no more keys than its ceiling', () => {
  const table = new BucketTable(100);

  for (let i = 0; i < 10_000; i += 1) table.take(bucket(`k${i}`), i * 10);

  assert.equal(table.keyCount, 100);
});

test('a flood of keys cannot make it forget an offender', () => {
  const table = new BucketTable(100);
  const offender = bucket('offender');
  table.take(offender, 0);
  table.take(offender, 0);

  for (let i = 0; i < 10_000; i += 1) table.take(bucket(`flood${i}`), 100);

  assert.equal(table.take(offender, 100).isAdmitted, false);
});

test('idle keys make room for new ones', () => {
  const table = new BucketTable(4);
  for (const key of ['a', 'b', 'c', 'd']) table.take(bucket(key), 0);

  // At 500 ms each of the four is full again.
  table.take(bucket('e'), 500);
  table.take(bucket('e'), 500);

  assert.equal(table.take(bucket('e'), 500).isAdmitted, false);
  assert.equal(table.overflowCount, 0);
  assert.equal(table.keyCount, 4);
});

test('keys that find no room share one bucket of their rule', () => {
  const table = new BucketTable(4);
  for (const key of ['a', 'b', 'c', 'd']) table.take(bucket(key), 0);

  const newcomers = ['e', 'f', 'g', 'h'].map((key) => table.take(bucket(key), 0).isAdmitted);
  const otherRule = table.take({ ...bucket('e'), ruleKey: 'other' }, 0).isAdmitted;

  assert.deepEqual(newcomers, [true, true, false, false]);
  assert.equal(otherRule, true);
  assert.equal(table.overflowCount, 2);
});

test('gives back exactly what was taken', () => {
  const table = new BucketTable();
  const first = table.take(bucket('a'), 0);

  table.giveBack(bucket('a'), first.slot);

  assert.equal(table.take(bucket('a'), 0).remaining, first.remaining);
});

test('keeps long keys apart without keeping them', () => {
  const table = new BucketTable();
  const long = 'x'.repeat(10_000);
  table.take(bucket(`${long}1`), 0);
  table.take(bucket(`${long}1`), 0);

  assert.equal(table.take(bucket(`${long}1`), 0).isAdmitted, false);
  assert.equal(table.take(bucket(`${long}2`), 0).isAdmitted, true);
});
