import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparableThirds } from '../../../../bench/measurements/resident-set.ts';

const round = (fault: string, bytes: number) => ({ fault, bytes });

test('compares a fault with itself, however the rounds fall into the thirds', () => {
  const rounds = Array.from({ length: 21 }, (_, index) =>
    index % 2 === 0 ? round('small', 100) : round('large', 300),
  );

  const thirds = comparableThirds(rounds);

  assert.deepEqual(thirds, { firstBytes: 200, lastBytes: 200, faults: 2 });
});

test('leaves out one round of each fault as warm-up', () => {
  const rounds = [900, 900, 100, 100, 100, 100, 100, 100].map((bytes, index) =>
    round(index % 2 === 0 ? 'a' : 'b', bytes),
  );

  assert.equal(comparableThirds(rounds)?.firstBytes, 100);
});

test('sees growth', () => {
  const rounds = Array.from({ length: 10 }, (_, index) => round('a', 100 + index));

  const thirds = comparableThirds(rounds)!;

  assert.ok(thirds.lastBytes > thirds.firstBytes);
});

test('says nothing of a run in which no fault came again', () => {
  assert.equal(comparableThirds([round('a', 1), round('b', 2), round('c', 3)]), undefined);
});
