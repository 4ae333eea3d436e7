import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Semaphore } from '../../../../src/evaluate/limit/semaphore.ts';

test('lets in as many as the limit per key', () => {
  const semaphore = new Semaphore();

  const entries = [1, 2, 3].map(() => semaphore.tryEnter('a', 2));

  assert.deepEqual(entries, [true, true, false]);
  assert.equal(semaphore.tryEnter('b', 2), true);
});

test('forgets a key when nothing of it is in flight', () => {
  const semaphore = new Semaphore();
  semaphore.tryEnter('a', 2);
  semaphore.tryEnter('a', 2);

  semaphore.release('a');
  assert.equal(semaphore.inFlight('a'), 1);
  semaphore.release('a');

  assert.equal(semaphore.keyCount, 0);
});
