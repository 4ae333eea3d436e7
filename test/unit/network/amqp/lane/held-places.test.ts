import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import { type ObservedLane, openLane, openedLane } from './lane-fixture.ts';
import { ACK_THRESHOLD_BYTES } from '../../../../../src/network/amqp/lane/octet-window.ts';
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

/** A lane whose opening is late, at a router that lives; `late` counts what it was told of that. */
async function lateOpening(router: ScriptedRouter): Promise<ObservedLane & { late: number }> {
  const told = { late: 0 };
  const observed = openLane(router, false, true, { onLate: () => (told.late += 1) });
  await router.attach();
  router.credit();
  await router.received('transfer');
  router.clock.advance(DEADLINES.laneDoubtMs);
  router.flow(0, 512, 1);
  await quiet();
  router.clock.advance(DEADLINES.laneLateMs - DEADLINES.laneDoubtMs);
  return Object.assign(observed, told);
}

/** A lane that is open, and whose application has read none of the octets. */
async function unread(router: ScriptedRouter, octets: number): Promise<ObservedLane> {
  const observed = await openedLane(router);
  observed.lane.write(Buffer.alloc(octets));
  await until(() => router.octets().length === octets, 'the octets');
  return observed;
}

const said = (router: ScriptedRouter) =>
  [...router.all('transfer'), ...router.all('end')].slice(1).map((it) => it.performative.kind);

test('an opening that was late when it was given up stays on the wire, until it is answered', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane, late } = await lateOpening(router);

  lane.destroy();
  await quiet();
  const before = said(router);
  router.answer();
  await router.received('end');

  assert.equal(late, 1);
  assert.deepEqual(before, []);
  assert.equal(router.connection.laneCount, 0);
  assert.equal(router.all('transfer').at(-1)!.performative.aborted, true);
});

test('a late opening that nobody answers is aborted after laneUnansweredMs', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await lateOpening(router);

  lane.destroy();
  await quiet();
  await router.lives(DEADLINES.laneUnansweredMs);
  await router.received('end');

  assert.equal(router.all('transfer').at(-1)!.performative.aborted, true);
});

test('an upload that is given up is not aborted before its application reads', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await unread(router, ACK_THRESHOLD_BYTES);
  const sent = router.all('transfer').length;

  lane.destroy();
  await quiet();
  const before = [router.all('transfer').length - sent, router.all('end').length];
  const sectionOffset = ACK_THRESHOLD_BYTES;
  router.outcome(0, { kind: 'received', sectionNumber: 0, sectionOffset });
  await router.received('end');

  assert.deepEqual(before, [0, 0]);
  assert.equal(router.connection.laneCount, 0);
  assert.equal(router.all('transfer').at(-1)!.performative.aborted, true);
});

test('an application that reads nothing for laneUnreadMs is not waited for any more', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await unread(router, ACK_THRESHOLD_BYTES);

  lane.destroy();
  await quiet();
  await router.lives(DEADLINES.laneUnreadMs);
  await router.received('end');

  assert.equal(router.all('transfer').at(-1)!.performative.aborted, true);
});

test('what an application still says while it reads nothing is dropped, up to a bound', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await unread(router, ACK_THRESHOLD_BYTES);

  lane.destroy();
  router.transfer(0, Buffer.alloc(60_000));
  await quiet();
  const before = router.all('end').length;
  router.transfer(0, Buffer.alloc(6_000));
  await router.received('end');

  assert.equal(before, 0);
});

test('an upload of which all may have been read is aborted at once', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await unread(router, ACK_THRESHOLD_BYTES - 1);

  lane.destroy();
  await router.received('end');

  assert.equal(router.all('transfer').at(-1)!.performative.aborted, true);
});

test('room that other lanes waited for is there as soon as an unread upload is given up', async () => {
  const router = await new ScriptedRouter({ unackedLimitBytes: 1 }).opened();
  const { lane } = await unread(router, 2 * ACK_THRESHOLD_BYTES);
  const other = await openedLane(router);
  other.lane.write(Buffer.alloc(2 * ACK_THRESHOLD_BYTES));
  await until(() => router.octets(1).length >= ACK_THRESHOLD_BYTES, 'half of the other');
  await quiet();
  const before = router.octets(1).length;

  lane.destroy();
  await until(() => router.octets(1).length === 2 * ACK_THRESHOLD_BYTES, 'the other');

  assert.ok(before < 2 * ACK_THRESHOLD_BYTES);
});
