import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OCTET_WINDOW_BYTES } from '../../../../../src/network/amqp/lane/octet-window.ts';
import { type ObservedLane, openedLane } from './lane-fixture.ts';
import { quiet, ScriptedRouter, until } from '../scripted-router.ts';

const MEGABYTE = 1024 * 1024;

function acknowledge(router: ScriptedRouter, channel: number, sectionOffset: number): void {
  router.outcome(channel, { kind: 'received', sectionNumber: 0, sectionOffset });
}

test('an upload stops at the octet window and goes on with the acknowledgement', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await openedLane(router);

  lane.write(Buffer.alloc(2 * MEGABYTE));
  await until(() => router.octets().length === OCTET_WINDOW_BYTES);
  await quiet();
  assert.equal(router.octets().length, OCTET_WINDOW_BYTES);
  acknowledge(router, 0, 523_319);

  await until(() => router.octets().length === OCTET_WINDOW_BYTES + 523_319);
  assert.equal(lane.writableNeedDrain, true);
});

test('an upload stops at the session window and goes on with a flow', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await openedLane(router);
  router.flow(0, 3, 1);
  await quiet();

  lane.write(Buffer.alloc(200_000));
  await until(() => router.all('transfer').length === 4);
  await quiet();
  assert.equal(router.all('transfer').length, 4);
  router.flow(0, 512, 4);

  await until(() => router.octets().length === 200_000);
});

test('lanes take turns, one frame each', async () => {
  const router = await new ScriptedRouter().opened();
  const first = await openedLane(router);
  const second = await openedLane(router);

  first.lane.write(Buffer.alloc(800_000));
  second.lane.write(Buffer.alloc(100_000));
  await until(() => router.octets(1).length === 100_000);

  assert.ok(router.octets(0).length < 500_000, `${router.octets(0).length}`);
});

test('a stream that nobody reads is neither acknowledged nor given a new session window', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await openedLane(router, false, false);
  const flows = router.all('flow').length;

  for (let i = 0; i < 60; i += 1) router.transfer(0, Buffer.alloc(16_000));
  await quiet();
  assert.equal(router.all('disposition').length, 0);
  assert.equal(router.all('flow').length, flows);
  observed.lane.resume();
  const disposition = await router.received('disposition');
  const { performative: flow } = await router.received('flow', flows + 1);

  // A router that the window has stopped goes on at a flow of the link alone.
  assert.deepEqual([flow.handle, flow.deliveryCount, flow.linkCredit], [0, 0, 1]);
  const { state, settled } = disposition.performative;
  assert.equal(settled, false);
  assert.ok(state?.kind === 'received' && state.sectionOffset >= 521_216);
  assert.equal(state.sectionOffset % 16_000, 0);
});

test('five hundred idle lanes do not hold an upload up', async () => {
  const router = await new ScriptedRouter({ unackedLimitBytes: MEGABYTE }).opened();
  for (let i = 0; i < 500; i += 1) {
    const { lane } = await openedLane(router);
    lane.write(Buffer.alloc(4_000));
  }
  const { lane } = await openedLane(router);
  const total = 3 * MEGABYTE;

  lane.write(Buffer.alloc(total));
  let acknowledged = 0;
  await until(() => {
    const sent = router.octets(500).length;
    if (sent - acknowledged >= 521_216) acknowledge(router, 500, (acknowledged = sent));
    return sent === total;
  }, 'the whole upload');

  assert.equal(lane.writableLength, 0);
});

test('the excess of all lanes stays within the cap and one window', async () => {
  const limit = 600_000;
  const router = await new ScriptedRouter({ unackedLimitBytes: limit }).opened();
  const lanes: ObservedLane[] = [];
  for (let i = 0; i < 6; i += 1) lanes.push(await openedLane(router));

  for (const { lane } of lanes) lane.write(Buffer.alloc(MEGABYTE));
  let last = -1;
  await until(() => {
    const sum = lanes.reduce((all, _, i) => all + router.octets(i).length, 0);
    const isStill = sum === last;
    last = sum;
    return isStill && sum > 6 * 521_216;
  });
  await quiet();
  const excess = lanes.map((_, i) => Math.max(0, router.octets(i).length - 521_216));

  const sum = excess.reduce((all, one) => all + one, 0);
  assert.ok(sum <= limit + 521_216, `${sum}`);
  assert.ok(lanes.every((_, i) => router.octets(i).length >= 521_216));
  lanes.forEach((_, i) => acknowledge(router, i, router.octets(i).length));
  await until(() => lanes.every((_, i) => router.octets(i).length === MEGABYTE), 'all uploads');
});
