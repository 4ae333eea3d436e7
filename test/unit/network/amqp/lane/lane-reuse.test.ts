import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import type { LaneOptions } from '../../../../../src/network/amqp/lane/lane-options.ts';
import { type ObservedLane, openLane, openedLane } from './lane-fixture.ts';
import { quiet, replyTo, ScriptedRouter, until } from '../scripted-router.ts';

/** A first stream that ended clean; what it used waits on channel 0 for the next one. */
async function afterOneStream(options: { readonly credit?: number } = {}) {
  const router = await new ScriptedRouter().opened();
  const first = await openedLane(router);
  await end(router, first, 0);
  router.flow(0, 512, 2, { handle: 1, deliveryCount: 1, linkCredit: options.credit ?? 250 });
  await quiet();
  return router;
}

async function end(router: ScriptedRouter, observed: ObservedLane, id: number): Promise<void> {
  observed.lane.end();
  await until(() => router.all('transfer', 0).at(-1)!.performative.more === false);
  router.send(0, {
    kind: 'disposition',
    role: true,
    first: id,
    settled: true,
    state: { kind: 'accepted' },
  });
  router.transfer(0, '', { deliveryId: id, more: false, settled: true });
  await until(() => observed.isClosed, 'close of the lane');
}

function openNext(router: ScriptedRouter, more: Partial<LaneOptions> = {}): ObservedLane {
  return openLane(router, false, true, more);
}

async function openedNext(router: ScriptedRouter): Promise<ObservedLane> {
  const next = openNext(router);
  await until(() => router.all('transfer', 0).length === 3, 'second opening');
  router.answer(0, '', { deliveryId: 1 });
  await until(() => next.isOpen, 'second stream');
  return next;
}

test('the next stream to a routing key takes the links of one that ended clean', async () => {
  const router = await afterOneStream();

  openNext(router);
  await until(() => router.all('transfer', 0).length === 3);

  const opening = router.all('transfer', 0)[2]!;
  const credit = router.all('flow', 0).at(-1)!.performative;
  assert.equal(router.all('begin').length, 1);
  assert.equal(router.all('attach').length, 2);
  assert.equal(opening.performative.deliveryId, 1);
  assert.deepEqual(opening.performative.deliveryTag, Buffer.from([0, 0, 0, 1]));
  assert.ok(opening.payload.includes(replyTo(0)));
  assert.deepEqual([credit.handle, credit.deliveryCount, credit.linkCredit], [0, 1, 1]);
  assert.ok(router.frames.indexOf(router.all('flow', 0).at(-1)!) < router.frames.indexOf(opening));
});

test('a second stream carries its own octets and ends as the first did', async () => {
  const router = await afterOneStream();
  const second = await openedNext(router);

  second.lane.write('again');
  await until(() => router.all('transfer', 0).at(-1)!.payload.toString() === 'again');
  router.transfer(0, 'answer', { deliveryId: 1 });
  await until(() => second.text === 'answer');
  await end(router, second, 1);

  assert.equal(second.error, undefined);
  assert.equal(second.isEnded, true);
  assert.equal(router.connection.laneCount, 0);
});

test('a word about the stream before does not end the one that has its links now', async () => {
  const router = await afterOneStream();
  const second = await openedNext(router);

  router.outcome(0, { kind: 'released' }, true);
  router.send(0, { kind: 'disposition', role: false, first: 0, settled: true });
  await quiet();
  await end(router, second, 1);

  assert.equal(second.error, undefined);
  const last = router.all('disposition', 0).at(-1);
  assert.equal(last, undefined);
});

test('a disposition of several deliveries is about each of them', async () => {
  const router = await afterOneStream();
  const second = await openedNext(router);

  router.send(0, {
    kind: 'disposition',
    role: true,
    first: 0,
    last: 1,
    settled: true,
    state: { kind: 'modified', deliveryFailed: true },
  });
  await until(() => second.error !== undefined);

  assert.match(second.error!.message, /upstream_reset|reset/);
});

test('a stream to another routing key gets links of its own', async () => {
  const router = await afterOneStream();

  openNext(router, { routingKey: 'api:8080' });
  await router.received('begin', 2);

  assert.equal(router.all('attach', 1)[1]!.performative.target?.address, 'api:8080');
});

for (const [what, spoil] of [
  ['that its user destroyed', (_: ScriptedRouter, lane: ObservedLane) => lane.lane.destroy()],
  [
    'whose request was not accepted',
    (router: ScriptedRouter) => router.outcome(0, { kind: 'released' }, true),
  ],
  [
    'whose request was settled without an outcome',
    (router: ScriptedRouter, lane: ObservedLane) => {
      lane.lane.end();
      router.send(0, { kind: 'disposition', role: true, first: 0, settled: true });
      router.transfer(0, '', { more: false, settled: true });
    },
  ],
  [
    'whose response was aborted',
    (router: ScriptedRouter) => router.transfer(0, '', { more: false, aborted: true }),
  ],
  [
    'whose response goes on after its end was taken',
    (router: ScriptedRouter, lane: ObservedLane) => {
      lane.lane.end();
      router.outcome(0, { kind: 'accepted' }, true);
      setImmediate(() => lane.lane.destroy());
    },
  ],
] as const) {
  test(`the links of a stream ${what} are not used again`, async () => {
    const router = await new ScriptedRouter().opened();
    const first = await openedLane(router);

    spoil(router, first);
    await until(() => first.isClosed);
    await router.received('end', 1, 0);
    openNext(router);
    await router.received('begin', 2);

    assert.equal(router.all('begin')[1]!.channel, 1);
  });
}

test('the links of a stream whose request never ended are not used again', async () => {
  const router = await new ScriptedRouter().opened();
  const first = await openedLane(router, true);

  router.transfer(0, 'all', { more: false, settled: true });
  await until(() => first.isEnded);
  first.lane.destroy();

  await router.received('end', 1, 0);
});

test('links without credit for one more stream are not used again', async () => {
  const router = await afterOneStream({ credit: 0 });

  openNext(router);
  await router.received('begin', 2);

  assert.equal(router.all('transfer', 0).length, 2);
});

test('ends links that no stream took for laneIdleMs', async () => {
  const router = await afterOneStream();

  for (let heard = 1; heard <= 4; heard += 1) {
    router.clock.advance(DEADLINES.laneIdleMs / 5);
    router.flow(0, 512, 2);
    await quiet();
  }
  router.clock.advance(DEADLINES.laneIdleMs / 5 - 1);
  await quiet();
  assert.equal(router.all('end').length, 0);
  router.clock.advance(1);
  await router.received('end', 1, 0);

  openNext(router);
  await router.received('begin', 2);
});

test('keeps at most 64 links without a stream on a connection, the oldest go', async () => {
  const router = await new ScriptedRouter().opened();
  const lanes: ObservedLane[] = [];
  for (let index = 0; index < 65; index += 1) lanes.push(await openedLane(router, false, true));

  for (const [channel, observed] of lanes.entries()) {
    observed.lane.end();
    router.outcome(channel, { kind: 'accepted' }, true);
    router.transfer(channel, '', { more: false, settled: true });
    await until(() => observed.isClosed);
  }
  await router.received('end');
  await quiet();

  assert.deepEqual(
    router.all('end').map(({ channel }) => channel),
    [0],
  );
});

test('a delivery on links that wait for a stream ends their session, and nothing takes them', async () => {
  const router = await afterOneStream();

  router.transfer(0, 'unasked', { deliveryId: 1 });
  const end = await router.received('end', 1, 0);
  openNext(router);
  await router.received('begin', 2);

  assert.equal(end.performative.error?.condition, 'amqp:link:transfer-limit-exceeded');
  assert.equal(router.connection.isOpen, true);
});

for (const [what, tell] of [
  ['ended', (router: ScriptedRouter) => router.end(0)],
  [
    'detached',
    (router: ScriptedRouter) => router.send(0, { kind: 'detach', handle: 1, closed: true }),
  ],
] as const) {
  test(`links that the router ${what} while they waited are gone`, async () => {
    const router = await afterOneStream();

    tell(router);
    await router.received('end', 1, 0);
    openNext(router);
    await router.received('begin', 2);

    assert.equal(router.all('transfer', 0).length, 2);
  });
}

test('a stream on used links moves when its router says nothing at all', async () => {
  const router = await afterOneStream();
  let moves = 0;

  const next = openNext(router, { onStalled: () => (moves += 1) > 0 });
  router.clock.advance(DEADLINES.laneDoubtMs);
  await until(() => next.isClosed);

  assert.equal(moves, 1);
  assert.match(next.openError!.message, /not answered|no answer|in time/);
  await router.received('end', 1, 0);
});

test('a stream on used links waits for a slow application while the router is heard', async () => {
  const router = await afterOneStream();
  let moves = 0;

  const next = openNext(router, { onStalled: () => (moves += 1) > 0 });
  router.clock.advance(1);
  router.flow(0, 512, 3);
  await quiet();
  router.clock.advance(DEADLINES.laneDoubtMs);
  router.answer(0, '', { deliveryId: 1 });
  await until(() => next.isOpen);

  assert.equal(moves, 0);
});

test('a stream on used links is given up after openWait like any other', async () => {
  const router = await afterOneStream();

  const next = openNext(router);
  router.clock.advance(4_999);
  await quiet();
  assert.equal(next.openError, undefined);
  router.clock.advance(1);
  await until(() => next.openError !== undefined);

  // Not a word since the opening: the network's fault, not the service's.
  assert.equal(next.openError!.code, 'network_unavailable');
  assert.equal(next.openError!.retryable, true);
});

test('leaves no timer when the connection is lost while links wait', async () => {
  const router = await afterOneStream();

  router.socket.destroy();
  await until(() => router.closedBecause !== undefined);

  assert.equal(router.clock.pendingCount, 0);
});

test('a stream that its user destroys when it is over leaves its links', async () => {
  const router = await new ScriptedRouter().opened();
  const first = await openedLane(router);

  first.lane.end();
  await until(() => router.all('transfer', 0).at(-1)!.performative.more === false);
  router.outcome(0, { kind: 'accepted' }, true);
  router.transfer(0, '', { more: false, settled: true });
  first.lane.once('end', () => first.lane.destroy(new Error('other side closed')));
  await until(() => first.isClosed);
  router.flow(0, 512, 2, { handle: 1, deliveryCount: 1, linkCredit: 250 });
  await quiet();
  openNext(router);
  await until(() => router.all('transfer', 0).length === 3, 'second opening');

  assert.equal(router.all('begin').length, 1);
});

test('few channels keep few links: the others are for streams to other routing keys', async () => {
  const router = await new ScriptedRouter({ open: { channelMax: 3 } }).opened();
  const lanes = [await openedLane(router), await openedLane(router), await openedLane(router)];

  for (const [channel, observed] of lanes.entries()) {
    observed.lane.end();
    router.outcome(channel, { kind: 'accepted' }, true);
    router.transfer(channel, '', { more: false, settled: true });
    await until(() => observed.isClosed);
  }
  await router.received('end', 2);
  await quiet();

  assert.deepEqual(
    router.all('end').map(({ channel }) => channel),
    [0, 1],
  );
});

test('without a free channel the oldest links go, and the next stream has theirs', async () => {
  const router = await new ScriptedRouter({ open: { channelMax: 3 } }).opened();
  const first = await openedLane(router);
  await openedLane(router);
  await openedLane(router);
  const busy = openLane(router);
  await end(router, first, 0);

  const refused = router.connection.openLane({
    routingKey: 'api:8080',
    allowHalfOpen: false,
    onOpen: () => {},
  });
  await router.received('end', 1, 0);
  router.end(0);
  await quiet();
  const accepted = openNext(router, { routingKey: 'api:8080' });
  await router.received('begin', 5);

  assert.equal(refused, undefined);
  assert.deepEqual([busy.openError, accepted.openError], [undefined, undefined]);
});

test('one opening counts once, however many limits it passes', async () => {
  const router = await afterOneStream();

  const next = openNext(router);
  router.clock.advance(DEADLINES.laneDoubtMs);
  for (const waitMs of [1_500, 1_500, 1_500]) {
    router.flow(0, 512, 3);
    await quiet();
    router.clock.advance(waitMs);
  }
  await until(() => next.openError !== undefined);

  assert.equal(next.openError!.code, 'upstream_connect_timeout');
  assert.equal(router.connection.isFit, true);
  assert.equal(router.doubts, 0);
});

test('asks a silent router for what it must answer, and a slow application is then waited for', async () => {
  const router = await afterOneStream();
  let moves = 0;

  const next = openNext(router, { onStalled: () => (moves += 1) > 0 });
  router.clock.advance(DEADLINES.laneDoubtMs / 2);
  await router.received('begin', 2);
  router.begin(1);
  await router.received('end', 1, 1);
  router.end(1);
  await quiet();
  router.clock.advance(DEADLINES.laneDoubtMs / 2);
  router.answer(0, '', { deliveryId: 1 });
  await until(() => next.isOpen);

  assert.equal(moves, 0);
});

test('says nothing of links that wait once the connection is closing', async () => {
  const router = await afterOneStream();
  for (let heard = 1; heard <= 5; heard += 1) {
    router.clock.advance((DEADLINES.laneIdleMs - 500) / 5);
    router.flow(0, 512, 2);
    await quiet();
  }

  router.connection.close();
  await router.received('close');
  router.clock.advance(DEADLINES.routerCloseMs - 1);
  await quiet();

  assert.equal(router.frames.at(-1)!.performative?.kind, 'close');
});

test('one pair of links carries hundreds of streams, credit and window with them', async () => {
  const router = await new ScriptedRouter().opened();
  const lane = await openedLane(router);
  await end(router, lane, 0);

  for (let id = 1; id <= 600; id += 1) {
    router.flow(0, 512, 2 * id, { handle: 1, deliveryCount: id, linkCredit: 250 });
    await quiet();
    const next = openNext(router);
    await until(() => router.all('transfer', 0).length === 2 * id + 1, `opening ${id}`);
    router.answer(0, '', { deliveryId: id });
    await until(() => next.isOpen);
    await end(router, next, id);
  }

  assert.equal(router.all('begin').length, 1);
});
