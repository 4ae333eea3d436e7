import assert from 'node:assert/strict';
import test from 'node:test';
import { spreadOf } from '../../../bench/spread.ts';

test('the median is the middle value, whatever the order', () => {
  assert.deepEqual(spreadOf([30, 9, 100]), { minimum: 9, median: 30, maximum: 100 });
});

test('the median of an even number of values lies between the two in the middle', () => {
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { minimum: 1, median: 2.5, maximum: 4 });
});
