import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import { WatchedRunner } from '../../../../../src/evaluate/limit/shared/watched-runner.ts';
import { FakeClock } from '../../../../support/fakes/fake-clock.ts';

const SCRIPT = { lua: '', sha1: '' };
const CALL = { keys: [], arguments: [] };

/** A runner over a store that answers or not, as it is told. */
function watched() {
  const clock = new FakeClock();
  const store = { isUp: true, asked: 0 };
  const changes: boolean[] = [];
  const runner = new WatchedRunner({
    clock,
    onChange: (isUp) => void changes.push(isUp),
    runner: {
      isReady: true,
      run: async () => {
        store.asked += 1;
        if (!store.isUp) throw new Error('away');
        return Promise.resolve('answer');
      },
    },
  });
  const callAll = (count: number) =>
    Promise.allSettled(Array.from({ length: count }, () => runner.run(SCRIPT, CALL)));
  return { clock, store, changes, runner, callAll };
}

test('a store that failed is asked by one call a pause', async () => {
  const { clock, store, callAll } = watched();
  store.isUp = false;
  await callAll(1);
  store.asked = 0;

  await callAll(1_000);
  assert.equal(store.asked, 0, 'within the pause nobody asks');
  for (let pause = 1; pause <= 5; pause += 1) {
    clock.advance(DEADLINES.limitRetryMs);
    const outcomes = await callAll(1_000);
    assert.equal(store.asked, pause);
    assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  }
});

test('the first answer opens it to all again, and each change is told once', async () => {
  const { clock, store, changes, runner, callAll } = watched();
  store.isUp = false;
  await callAll(3);
  store.isUp = true;
  clock.advance(DEADLINES.limitRetryMs);
  store.asked = 0;

  assert.equal(await runner.run(SCRIPT, CALL), 'answer');
  const outcomes = await callAll(10);

  assert.ok(outcomes.every(({ status }) => status === 'fulfilled'));
  assert.equal(store.asked, 11);
  assert.deepEqual(changes, [false, true]);
});
