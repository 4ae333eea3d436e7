import assert from 'node:assert/strict';
import test from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { whenIdle } from '../../../src/network/when-idle.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

function watched(isIdle: () => boolean) {
  const clock = new FakeClock();
  const state = { isOver: false };
  const waiting = whenIdle(isIdle, clock, DEADLINES.networkDrainMs).then(() => {
    state.isOver = true;
  });
  return { clock, state, waiting };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('ends soon after the last lane', async () => {
  let lanes = 1;
  const { clock, state, waiting } = watched(() => lanes === 0);
  clock.advance(10_000);
  await turn();
  const before = state.isOver;

  lanes = 0;
  clock.advance(250);
  await waiting;

  assert.equal(before, false);
});

test('gives up waiting after networkDrainMs', async () => {
  const { clock, state, waiting } = watched(() => false);
  clock.advance(DEADLINES.networkDrainMs - 1);
  await turn();
  const before = state.isOver;

  clock.advance(1000);
  await waiting;

  assert.equal(before, false);
});
