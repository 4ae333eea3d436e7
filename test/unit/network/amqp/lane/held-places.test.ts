import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import { type ObservedLane, openLane, openedLane } from './lane-fixture.ts';
import { quiet, ScriptedRouter, until } from '../scripted-router.ts';

const MODIFIED = { kind: 'modified', deliveryFailed: true, undeliverableHere: false } as const;

/** An opening on the channel that a consumer gave back. */
async function cameBack(router: ScriptedRouter, channel: number): Promise<ObservedLane> {
  const observed = openLane(router);
  await router.attach(channel);
  router.credit(channel);
  await router.received('transfer', 1, channel);
  router.outcome(channel, MODIFIED);
  await until(() => observed.openError !== undefined, 'failure');
  return observed;
}

const ended = (router: ScriptedRouter) => router.all('end').map(({ channel }) => channel);

test('keeps the place of an opening that came back for laneHeldMs', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await cameBack(router, 0);

  router.clock.advance(DEADLINES.laneHeldMs - 1);
  await quiet();
  const before = [...router.all('disposition'), ...router.all('end')].length;
  router.clock.advance(1);
  await router.received('end');

  assert.ok(observed.channel.hasComeBack);
  assert.equal(before, 0);
  assert.equal(router.all('disposition')[0]!.performative.settled, true);
});

test('counts no lane for a place that is held, so that nothing waits for it', async () => {
  const router = await new ScriptedRouter().opened();

  await cameBack(router, 0);

  assert.equal(router.connection.laneCount, 0);
  assert.equal(router.connection.sessionCount, 1);
});

test('holds 64 places, and gives the oldest back for the next', async () => {
  const router = await new ScriptedRouter().opened();

  for (let channel = 0; channel < 64; channel += 1) await cameBack(router, channel);
  await quiet();
  const before = ended(router);
  await cameBack(router, 64);
  await router.received('end');

  assert.deepEqual(before, []);
  assert.deepEqual(ended(router), [0]);
});

test('gives a place back when another stream needs its channel', async () => {
  const router = await new ScriptedRouter({ open: { channelMax: 3 } }).opened();
  await cameBack(router, 0);
  for (let channel = 1; channel < 4; channel += 1) openLane(router);

  const refused = router.connection.openLane({
    routingKey: 'web:8080',
    allowHalfOpen: false,
    onOpen: () => {},
  });
  await router.received('end');

  assert.equal(refused, undefined);
  assert.deepEqual(ended(router), [0]);
});

test('leaves nothing of a place whose session the router ends', async () => {
  const router = await new ScriptedRouter().opened();
  await cameBack(router, 0);

  router.end(0);
  await until(() => router.connection.sessionCount === 0, 'the end of the session');
  router.clock.advance(DEADLINES.laneHeldMs);
  await quiet();

  assert.equal(router.all('end').length, 1);
  // Keepalive has two timers.
  assert.equal(router.clock.pendingCount, 2);
});

test('sends nothing on a link that the router detached, be its place held or its stream open', async () => {
  const router = await new ScriptedRouter().opened();
  await cameBack(router, 0);
  await openedLane(router);

  for (const channel of [0, 1]) {
    router.send(channel, { kind: 'detach', handle: 1, closed: true });
    await router.received('end', 1, channel);
    await quiet();

    const sent = router.frames.filter((frame) => frame.channel === channel);
    assert.deepEqual(
      sent.slice(-2).map(({ performative }) => performative?.kind),
      ['detach', 'end'],
    );
  }
});

test('leaves no timer behind when the connection is lost', async () => {
  const router = await new ScriptedRouter().opened();
  await cameBack(router, 0);

  router.socket.destroy();
  await until(() => router.closedBecause !== undefined, 'the loss');

  assert.equal(router.clock.pendingCount, 0);
});
