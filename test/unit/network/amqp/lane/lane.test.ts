import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openedLane, openLane } from './lane-fixture.ts';
import { quiet, replyTo, ScriptedRouter, until } from '../scripted-router.ts';

test('sends begin, both attaches and credit at once, as the contract has them', async () => {
  const router = await new ScriptedRouter().opened();

  openLane(router);
  await router.received('flow');

  const [response, request] = router.all('attach').map((frame) => frame.performative);
  assert.equal(router.all('begin')[0]!.performative.incomingWindow, 64);
  assert.equal(response!.source?.dynamic, true);
  assert.equal(response!.source?.address, undefined);
  assert.equal(request!.target?.address, 'web:8080');
  assert.deepEqual(request!.target?.capabilities, ['qd.streaming-deliveries']);
  assert.equal(router.all('flow')[0]!.performative.linkCredit, 1);
});

test('sends the opening when it has a reply address and credit, and nothing behind it', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = openLane(router);
  observed.lane.write('too early');

  await router.attach();
  await quiet();
  assert.equal(router.all('transfer').length, 0);
  router.credit();
  const opening = await router.received('transfer');
  await quiet();

  assert.equal(router.all('transfer').length, 1);
  assert.ok(opening.payload.includes(replyTo(0)));
  assert.equal(opening.performative.more, true);
});

test('carries octets both ways once the response opening is here', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await openedLane(router);

  observed.lane.write('GET / HTTP/1.1\r\n\r\n');
  router.transfer(0, 'HTTP/1.1 200 OK\r\n\r\n');
  await until(() => observed.text.length > 0);
  await until(() => router.octets().length > 0);

  assert.equal(router.octets().toString(), 'GET / HTTP/1.1\r\n\r\n');
  assert.equal(observed.text, 'HTTP/1.1 200 OK\r\n\r\n');
});

test('fills frames up to the size the router takes, and not beyond', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await openedLane(router);

  observed.lane.write(Buffer.alloc(40_000, 1));
  await until(() => router.octets().length === 40_000);

  const sizes = router.all('transfer').map((frame) => frame.payload.length);
  assert.deepEqual(sizes.slice(1), [16_363, 16_363, 7_274]);
});

test('puts a head and its body into one frame when they are gathered', async () => {
  const router = await new ScriptedRouter().opened();
  const { channel } = await openedLane(router);

  channel.cork();
  channel.write('head ÿ ');
  channel.write(Buffer.from('body'));
  const hasRoom = channel.uncork();
  await until(() => router.octets().length > 0);
  await quiet();

  assert.equal(router.octets().toString('latin1'), 'head ÿ body');
  assert.deepEqual([hasRoom, router.all('transfer').length], [true, 2]);
});

test('reads a response opening that is spread over transfers', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = openLane(router);
  await router.attach();
  router.credit();
  const opening = await router.received('transfer');
  const response = Buffer.from(opening.payload);

  router.transfer(0, response.subarray(0, 9));
  await quiet();

  assert.equal(observed.isOpen, false);
  assert.equal(observed.openError, undefined);
});

test('ends its own half when the application ended its, and waits for the outcome', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await openedLane(router);

  router.transfer(0, 'last', { more: false });
  const fin = await router.received('transfer', 2);
  await quiet();
  assert.equal(fin.performative.more, false);
  assert.equal(observed.text, 'last');
  assert.equal(observed.isEnded, false);
  router.outcome(0, { kind: 'accepted' }, true);
  await until(() => observed.isClosed);

  assert.equal(observed.isEnded, true);
  assert.equal(observed.error, undefined);
  const disposition = router.all('disposition').at(-1)!.performative;
  assert.deepEqual(disposition.state, { kind: 'accepted' });
  assert.equal(disposition.settled, true);
  assert.equal(router.connection.laneCount, 0);
});

test('lets each half end by itself when told to', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await openedLane(router, true);

  router.transfer(0, 'bye', { more: false });
  await until(() => observed.isEnded);
  observed.lane.write('more');
  await until(() => router.octets().toString() === 'more');
  observed.lane.end();
  await until(() => router.all('transfer').at(-1)!.performative.more === false);
  await quiet();
  assert.equal(observed.isClosed, false);
  router.outcome(0, { kind: 'accepted' }, true);
  await until(() => observed.isClosed);

  assert.equal(observed.error, undefined);
});

test('keeps a reading lane open after its own end', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await openedLane(router);

  observed.lane.end('request');
  await until(() => router.all('transfer').at(-1)!.performative.more === false);
  router.outcome(0, { kind: 'accepted' }, true);
  router.transfer(0, 'late');
  router.transfer(0, '', { more: false, settled: true });
  await until(() => observed.isClosed);

  assert.equal(observed.text, 'late');
  assert.equal(observed.isEnded, true);
  assert.equal(observed.error, undefined);
});

test('reuses a channel number only after the router ended it', async () => {
  const router = await new ScriptedRouter().opened();
  const first = await openedLane(router);

  first.lane.destroy();
  await router.received('end');
  openLane(router);
  await router.received('begin', 1, 1);
  router.end(0);
  await quiet();
  openLane(router);

  await router.received('begin', 2, 0);
  router.begin(0);
  await quiet();
  assert.equal(router.closedBecause, undefined);
});

test('answers an echo with a flow', async () => {
  const router = await new ScriptedRouter().opened();
  await openedLane(router);
  const before = router.all('flow').length;

  router.flow(0, 512, 1, { echo: true });

  await until(() => router.all('flow').length === before + 1);
});

test('has the methods of a socket that its users call', async () => {
  const router = await new ScriptedRouter().opened();
  const { lane } = await openedLane(router);

  assert.equal(lane.setNoDelay().setKeepAlive().setTimeout().ref().unref(), lane);
});

test("tells a write behind the application's end as a reset", async () => {
  const router = await new ScriptedRouter().opened();
  const observed = await openedLane(router);

  router.transfer(0, '', { more: false });
  await router.received('transfer', 2);
  observed.lane.write('late');
  await until(() => observed.isClosed);

  assert.equal((observed.error as { code?: string }).code, 'upstream_reset');
});

test('a lane given up before the router answered its begin ends when that has come', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = openLane(router);
  await router.received('flow');

  observed.lane.destroy();
  await until(() => observed.isClosed);
  await quiet();
  assert.equal(router.all('end').length, 0);
  router.begin(0);
  await router.received('end');
  router.end(0);
  await quiet();

  assert.equal(router.connection.sessionCount, 0);
  assert.equal(router.all('end').length, 1);
});
