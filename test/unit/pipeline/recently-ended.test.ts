import assert from 'node:assert/strict';
import test from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { RecentlyEnded } from '../../../src/pipeline/recently-ended.ts';

test('an ended session is remembered until the check of open streams takes over', () => {
  const recent = new RecentlyEnded();
  recent.note(['s1'], 0);

  recent.note(['s2'], DEADLINES.sessionCheckMs - 1);
  const before = recent.has('s1');
  recent.note(['s3'], DEADLINES.sessionCheckMs);

  assert.deepEqual([before, recent.has('s1'), recent.has('s2')], [true, false, true]);
});

test('however many sessions end, the memory is bounded and the latest are in it', () => {
  const recent = new RecentlyEnded();
  for (let i = 0; i < 10_100; i += 1) recent.note([`s${i}`], i / 1000);

  assert.deepEqual(
    [recent.has('s99'), recent.has('s100'), recent.has('s10099')],
    [false, true, true],
  );
});

test('one announcement of more than fits is bounded too', () => {
  const recent = new RecentlyEnded();
  recent.note(
    Array.from({ length: 10_500 }, (_, i) => `s${i}`),
    0,
  );

  assert.deepEqual([recent.has('s499'), recent.has('s500')], [false, true]);
});
