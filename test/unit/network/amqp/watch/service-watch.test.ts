import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openedLane, openLane } from '../lane/lane-fixture.ts';
import { ScriptedRouter, quiet, until } from '../scripted-router.ts';

// The watch has the first channel; lanes come after it.
const WATCH = 0;
const WEB = 'web:8080';
/** Recorded from an edge listener: annotations, header, and the value `["M…", true]`. */
const PREFIX =
  '0080534b50522d2d5241d000000019000000044340a103302f41d00000000900000001a103302f41' +
  '005370d0000000050000000142';

function tracked(isReachable: boolean, address = `M${WEB}`): Buffer {
  const name = Buffer.from(address);
  const item = Buffer.concat([Buffer.from([0xa1, name.length]), name]);
  const list = Buffer.from([0xc0, item.length + 2, 2]);
  const last = Buffer.from([isReachable ? 0x41 : 0x42]);
  return Buffer.concat([
    Buffer.from(PREFIX, 'hex'),
    Buffer.from([0, 0x53, 0x77]),
    list,
    item,
    last,
  ]);
}

/** A router that has answered the watch; tracking is refused unless wanted. */
async function watched({ tracking = false, keys = [WEB] } = {}): Promise<ScriptedRouter> {
  const router = new ScriptedRouter({ routingKeys: new Set(keys) });
  await router.opened();
  await router.received('attach', 1 + keys.length, WATCH);
  router.begin(WATCH);
  for (const { performative: attach } of router.all('attach', WATCH)) {
    const isRefused = attach.role && !tracking;
    router.send(WATCH, { ...attach, role: !attach.role, ...(isRefused ? { source: {} } : {}) });
    const error = { condition: 'qd:connection-role' };
    if (isRefused) router.send(WATCH, { kind: 'detach', handle: 0, closed: true, error });
  }
  await quiet();
  return router;
}

function credit(router: ScriptedRouter, handle = 1): Promise<void> {
  router.flow(WATCH, 512, 0, { handle, deliveryCount: 0, linkCredit: 250 });
  return quiet();
}

function say(router: ScriptedRouter, payload: Buffer, deliveryId: number): Promise<void> {
  router.transfer(WATCH, payload, { deliveryId, more: false });
  return quiet();
}

const reach = (router: ScriptedRouter): string => router.connection.reachability(WEB);

test('asks for credit on each routing key and for tracking, and tolerates that it is refused', async () => {
  const router = await watched();

  const attached = router
    .all('attach', WATCH)
    .map(({ performative: { source, target } }) => [source?.address, target?.address]);
  assert.deepEqual(attached, [
    ['_$qd.edge_addr_tracking', undefined],
    [undefined, WEB],
  ]);
  assert.deepEqual(
    router.all('detach', WATCH).map(({ performative }) => performative.handle),
    [0],
  );
  assert.equal(router.connection.isOpen, true);
});

test('a routing key with credit is reachable, one without for a quarter second is not', async () => {
  const router = await watched();

  const atFirst = reach(router);
  router.clock.advance(250);
  const without = reach(router);
  await credit(router);

  assert.deepEqual([atFirst, without, reach(router)], ['unknown', 'unreachable', 'reachable']);
});

test('says what tracking says, and takes each message', async () => {
  const router = await watched({ tracking: true });
  await credit(router);

  await say(router, tracked(false), 0);
  const gone = reach(router);
  await say(router, tracked(true), 1);

  assert.deepEqual([gone, reach(router)], ['unreachable', 'reachable']);
  const taken = router.all('disposition', WATCH).map(({ performative }) => performative.first);
  assert.deepEqual(taken, [0, 1]);
  const credits = router
    .all('flow', WATCH)
    .map(({ performative: { deliveryCount, linkCredit } }) => [deliveryCount, linkCredit]);
  assert.deepEqual(credits, [
    [0, 32],
    [1, 32],
    [2, 32],
  ]);
});

test('passes over addresses of another class, and ends its session for what is no tracking', async () => {
  const router = await watched({ tracking: true });
  await credit(router);

  await say(router, tracked(false, `L${WEB}`), 0);
  const before = reach(router);
  await say(router, Buffer.from('005377a10178', 'hex'), 1);

  assert.equal(before, 'reachable');
  assert.equal(reach(router), 'unknown');
  assert.equal(router.all('end', WATCH).length, 1);
  assert.equal(router.connection.isOpen, true);
});

test('a lane without credit raises the doubt, a fresh sender settles it, the lane is told at once', async () => {
  const router = await watched();
  await credit(router);
  const lane = openLane(router);
  await router.attach(1);

  router.clock.advance(500);
  const { performative: fresh } = await router.received('attach', 3, WATCH);
  router.send(WATCH, { kind: 'detach', handle: 1, closed: true });
  router.send(WATCH, { ...fresh, role: true, handle: 1 });
  await quiet();
  router.clock.advance(250);
  await until(() => lane.openError !== undefined, 'lane told');

  assert.equal(lane.openError?.code, 'service_unavailable');
  assert.equal(reach(router), 'unreachable');
  await credit(router);
  assert.equal(reach(router), 'reachable');
});

test('an opening that comes back raises the doubt', async () => {
  const router = await watched();
  await credit(router);
  openLane(router);
  await router.attach(1);
  router.credit(1);
  await router.received('transfer', 1, 1);

  router.outcome(1, { kind: 'released' });
  await router.received('attach', 3, WATCH);

  assert.equal(reach(router), 'unknown');
});

test('follows the routing keys of a new policy', async () => {
  const router = await watched();
  await credit(router);

  router.connection.watch(new Set(['mail:25']));
  const { performative: added } = await router.received('attach', 3, WATCH);

  assert.equal(reach(router), 'unknown');
  assert.equal(added.target?.address, 'mail:25');
  const detached = router.all('detach', WATCH).map(({ performative }) => performative.handle);
  assert.deepEqual(detached, [0, 1]);
});

test('a routing key that a router policy forbids is tried, and said in the log', async () => {
  const router = await watched();
  const error = { condition: 'amqp:unauthorized-access', description: 'link disallowed' };

  router.send(WATCH, { kind: 'detach', handle: 1, closed: true, error });
  await router.received('detach', 2, WATCH);
  router.clock.advance(250);

  assert.equal(reach(router), 'unknown');
  assert.match(router.logged.join(), /does not let web:8080 be watched.*link disallowed/);
});

test('leaves no timer behind when the connection is lost', async () => {
  const router = await watched();

  router.socket.destroy();
  await until(() => router.closedBecause !== undefined, 'closed');

  assert.equal(router.clock.pendingCount, 0);
});

test('the links of ended streams to a routing key go with its last consumer', async () => {
  const router = await watched({ tracking: true });
  await credit(router);
  const observed = await openedLane(router);
  observed.lane.end();
  router.outcome(1, { kind: 'accepted' }, true);
  router.transfer(1, '', { more: false, settled: true });
  await until(() => observed.isClosed);

  await say(router, tracked(false), 0);
  await say(router, tracked(true), 1);

  await router.received('end', 1, 1);
  openLane(router);
  await router.received('begin', 3);
});
