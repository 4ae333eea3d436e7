import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import { openLane } from './lane-fixture.ts';
import { quiet, ScriptedRouter, until } from '../scripted-router.ts';

const farewell = { isFarewell: (error: Error) => error.message === 'no more' };

/** Its user is done with the first stream, and the application has yet to end. */
async function afterFarewell(): Promise<ScriptedRouter> {
  const router = await new ScriptedRouter().opened();
  const first = openLane(router, false, true, farewell);
  await router.attach(0);
  router.credit(0);
  await router.received('transfer', 1, 0);
  router.answer(0, 'whole answer');
  await until(() => first.text === 'whole answer');
  first.lane.destroy(new Error('no more'));
  await until(() => first.isClosed);
  return router;
}

test('a stream left with a farewell ends well, and its links are free then', async () => {
  const router = await afterFarewell();

  await until(() => router.all('transfer', 0).at(-1)!.performative.more === false, 'our end');
  assert.equal(router.connection.laneCount, 1);
  router.transfer(0, 'dropped', { more: true });
  router.outcome(0, { kind: 'accepted' }, true);
  router.transfer(0, '', { more: false, settled: true });
  await until(() => router.connection.laneCount === 0);
  router.flow(0, 512, 2, { handle: 1, deliveryCount: 1, linkCredit: 250 });
  await quiet();
  openLane(router);
  await until(() => router.all('transfer', 0).length === 3, 'second opening');

  assert.equal(router.all('end').length, 0);
  assert.equal(router.all('begin').length, 1);
});

for (const [what, tell] of [
  [
    'does not end its half',
    (router: ScriptedRouter) => router.clock.advance(DEADLINES.laneOutcomeMs),
  ],
  [
    'goes on and on',
    (router: ScriptedRouter) => {
      for (let part = 0; part < 5; part += 1) router.transfer(0, Buffer.alloc(16_000));
    },
  ],
  [
    'resets',
    (router: ScriptedRouter) => {
      router.outcome(0, { kind: 'modified', deliveryFailed: true }, true);
    },
  ],
  [
    'is cut off',
    (router: ScriptedRouter) => router.transfer(0, '', { more: false, aborted: true }),
  ],
  ['has its session ended', (router: ScriptedRouter) => router.end(0)],
] as const) {
  test(`an application that ${what} after a farewell is not waited for`, async () => {
    const router = await afterFarewell();

    tell(router);
    await router.received('end', 1, 0);
    await until(() => router.connection.laneCount === 0);
    openLane(router);

    await router.received('begin', 2);
  });
}

test('a connection lost during a farewell leaves no timer and no lane', async () => {
  const router = await afterFarewell();

  router.socket.destroy();
  await until(() => router.closedBecause !== undefined);

  assert.equal(router.connection.laneCount, 0);
  assert.equal(router.clock.pendingCount, 0);
});
