import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BucketTable } from '../../../../src/evaluate/limit/bucket-table.ts';
import { bucketShape } from '../../../../src/core/bucket-shape.ts';
import { tokensLeft, waitMs } from '../../../../src/core/token-bucket.ts';
import type { BucketShape } from '../../../../src/core/bucket-shape.ts';
import { rate } from '../../../support/policy/policy.ts';

/** A bucket of one key, through the table that keeps it. */
function bucketOf(shape: BucketShape) {
  const table = new BucketTable(16);
  return (nowMs: number) => table.take({ key: 'k', ruleKey: 'o', shape }, nowMs);
}

test('admits a burst at once and refuses the next', () => {
  const take = bucketOf(bucketShape(rate('10/s'), undefined));

  const outcomes = Array.from({ length: 11 }, () => take(0));

  assert.equal(outcomes.filter(({ isAdmitted }) => isAdmitted).length, 10);
  assert.deepEqual(
    outcomes.map(({ remaining }) => remaining),
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0],
  );
});

test('tells how long the next token takes, and has it then and not before', () => {
  const take = bucketOf(bucketShape(rate('10/s'), 1));
  take(0);

  assert.equal(take(40).waitMs, 60);
  assert.equal(take(99).isAdmitted, false);
  assert.equal(take(100).isAdmitted, true);
});

test('takes a burst other than the amount as its capacity', () => {
  const take = bucketOf(bucketShape(rate('1/s'), 5));

  const admitted = Array.from({ length: 9 }, () => take(0).isAdmitted);

  assert.equal(admitted.filter(Boolean).length, 5);
});

test('a refused request costs nothing', () => {
  const take = bucketOf(bucketShape(rate('1/s'), undefined));
  take(0);

  for (let i = 0; i < 1000; i += 1) take(500);

  assert.equal(take(1000).isAdmitted, true);
});

test('is never fuller than full, however long nobody asks', () => {
  const shape = bucketShape(rate('3/s'), undefined);

  assert.equal(tokensLeft(shape, 0, 1e9), 3);
  assert.equal(waitMs(shape, 0, 1e9), 0);
});

test('never admits more than burst and rate allow, nor less when asked all the time', () => {
  const scenario = fc.record({
    amount: fc.integer({ min: 1, max: 2000 }),
    windowMs: fc.constantFrom(1000, 60_000, 3_600_000),
    burst: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    startMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    pausesMs: fc.array(fc.double({ min: 0, max: 500, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    }),
  });

  fc.assert(
    fc.property(scenario, ({ amount, windowMs, burst, startMs, pausesMs }) => {
      const take = bucketOf(bucketShape({ amount, windowMs, text: '' }, burst));
      let nowMs = startMs;
      let admitted = 0;
      for (const pause of pausesMs) {
        nowMs += pause;
        if (take(nowMs).isAdmitted) admitted += 1;
      }
      const allowed = (burst ?? amount) + ((nowMs - startMs) * amount) / windowMs;
      assert.ok(admitted <= allowed + 0.01, `${admitted} > ${allowed}`);
      if (allowed >= pausesMs.length + 1 && (burst ?? amount) >= pausesMs.length) {
        assert.equal(admitted, pausesMs.length);
      }
    }),
    { numRuns: 500 },
  );
});
