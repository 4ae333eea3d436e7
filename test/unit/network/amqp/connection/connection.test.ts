import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import { openLane, openedLane } from '../lane/lane-fixture.ts';
import { quiet, ScriptedRouter, until } from '../scripted-router.ts';

function router(version: string, product = 'skupper-router'): ScriptedRouter {
  const properties = new Map([
    ['product', product],
    ['version', version],
  ]);
  return new ScriptedRouter({ open: { properties } });
}

test('opens by SASL EXTERNAL with an empty response, and offers nothing', async () => {
  const scripted = await new ScriptedRouter().opened();

  const init = scripted.all('sasl-init')[0]!.performative;
  const open = scripted.all('open')[0]!.performative;
  assert.equal(init.mechanism, 'EXTERNAL');
  assert.equal(init.initialResponse?.length, 0);
  assert.equal(open.containerId, 'gateway-1');
  assert.equal(open.maxFrameSize, 65_536);
  assert.equal(open.channelMax, 32_767);
  assert.equal(open.idleTimeOut, DEADLINES.routerIdleMs);
  assert.equal(open.offeredCapabilities, undefined);
  assert.equal(open.properties?.get('product'), 'fairlead');
});

test('leaves a router that offers no EXTERNAL, or refuses it', async () => {
  const anonymous = new ScriptedRouter({ mechanisms: ['ANONYMOUS'] });
  const refusing = new ScriptedRouter({ outcome: 1 });

  await until(() => anonymous.closedBecause !== undefined);
  await until(() => refusing.closedBecause !== undefined);

  assert.equal(anonymous.closedBecause, 'router offers ANONYMOUS, wanted EXTERNAL');
  assert.match(refusing.closedBecause!, /refused the client certificate/);
  assert.equal(anonymous.clock.pendingCount + refusing.clock.pendingCount, 0);
});

for (const version of ['3.0.1', '3.5.1', '4.0.0', '0.0.0+main', 'main-2ec51a']) {
  test(`opens on version ${version}`, async () => {
    const scripted = await router(version).opened();

    assert.equal(scripted.logged.length, /^[34]/.test(version) ? 0 : 1);
  });
}

for (const [version, product] of [
  ['2.7.1', 'skupper-router'],
  ['3.5.1', 'qpid-dispatch-router'],
] as const) {
  test(`refuses ${product} ${version}`, async () => {
    const scripted = router(version, product);

    await until(() => scripted.closedBecause !== undefined);

    assert.match(scripted.closedBecause!, /wanted (3\.0\.0 or later|skupper-router)/);
    const close = await scripted.received('close');
    assert.equal(close.performative.error?.condition, 'amqp:not-implemented');
  });
}

test('gives up a router that does not open in time', async () => {
  const scripted = new ScriptedRouter();

  scripted.clock.advance(DEADLINES.routerConnectMs);

  assert.match(scripted.closedBecause!, /did not open within 5000 ms/);
  assert.equal(scripted.clock.pendingCount, 0);
});

test('sends an empty frame within half of the time the router announced', async () => {
  const scripted = await new ScriptedRouter().opened();
  await quiet();
  const before = scripted.frames.length;

  scripted.clock.advance(4_000);
  await quiet();

  assert.equal(scripted.frames.length > before, true);
  assert.equal(scripted.frames.at(-1)!.performative, undefined);
});

test('takes a router for dead that is silent for twice our idle-time-out', async () => {
  const scripted = await new ScriptedRouter().opened();
  scripted.clock.advance(7_000);
  scripted.socket.write(Buffer.from('0000000802000000', 'hex'));
  await quiet();

  scripted.clock.advance(7_999);
  assert.equal(scripted.closedBecause, undefined);
  scripted.clock.advance(1);

  assert.equal(scripted.closedBecause, 'router was silent for 8000 ms');
});

test('doubts a router that is silent for our idle-time-out, and says so', async () => {
  const scripted = await new ScriptedRouter().opened();

  scripted.clock.advance(3_999);
  const before = [scripted.connection.isFit, scripted.doubts];
  scripted.clock.advance(1);

  assert.deepEqual(before, [true, 0]);
  assert.deepEqual([scripted.connection.isFit, scripted.doubts], [false, 1]);
  assert.equal(scripted.connection.isOpen, true);
});

test('closes with a word, and waits for the router a second at most', async () => {
  const polite = await new ScriptedRouter().opened();
  polite.connection.close();
  await polite.received('close');
  polite.send(0, { kind: 'close' });
  await until(() => polite.closedBecause !== undefined);

  const silent = await new ScriptedRouter().opened();
  silent.connection.close();
  silent.clock.advance(DEADLINES.routerCloseMs);

  assert.equal(polite.closedBecause, 'closed by us');
  assert.notEqual(silent.closedBecause, undefined);
  assert.equal(polite.clock.pendingCount + silent.clock.pendingCount, 0);
});

test('says why the router closed', async () => {
  const scripted = await new ScriptedRouter().opened();
  const error = { condition: 'amqp:resource-limit-exceeded', description: 'local-idle-timeout' };

  scripted.send(0, { kind: 'close', error });
  await until(() => scripted.closedBecause !== undefined);

  assert.match(scripted.closedBecause!, /amqp:resource-limit-exceeded: local-idle-timeout/);
  await scripted.received('close');
});

test('closes with a registered condition when the router breaks the framing', async () => {
  const scripted = await new ScriptedRouter().opened();
  const observed = await openedLane(scripted);

  scripted.socket.write(Buffer.from('7fffffff02000000', 'hex'));
  const close = await scripted.received('close');
  await until(() => observed.isClosed);

  assert.equal(close.performative.error?.condition, 'amqp:connection:framing-error');
  assert.equal(scripted.clock.pendingCount, 0);
});

test('is doubted after two openings in a row without an answer, and not for ever', async () => {
  const scripted = await new ScriptedRouter().opened();
  const alive = Buffer.from('0000000802000000', 'hex');
  for (let channel = 0; channel < 2; channel += 1) {
    assert.equal(scripted.connection.isFit, true);
    openLane(scripted);
    await scripted.attach(channel);
    scripted.credit(channel);
    await scripted.received('transfer', 1, channel);
    for (const part of [200, 2_400, 2_400]) {
      scripted.clock.advance(part);
      scripted.socket.write(alive);
      await quiet();
    }
  }

  assert.equal(scripted.connection.isFit, false);
  await openedLane(scripted);
  assert.equal(scripted.connection.isFit, true);
});

test('logs a channel that the router never ends, and does not use it again', async () => {
  const scripted = await new ScriptedRouter().opened();
  const { lane } = await openedLane(scripted);

  lane.destroy();
  await scripted.received('end');
  for (let second = 0; second < 10; second += 1) {
    scripted.clock.advance(1_000);
    scripted.socket.write(Buffer.from('0000000802000000', 'hex'));
    await quiet();
  }

  assert.match(scripted.logged[0]!, /did not end channel 0/);
});

test('remembers for a second that a routing key was not reached', async () => {
  const scripted = await new ScriptedRouter().opened();

  scripted.connection.refused('web:8080');
  const atFirst = scripted.connection.hasRefused('web:8080');
  scripted.clock.advance(DEADLINES.laneRefusedMs);

  assert.deepEqual(
    [
      atFirst,
      scripted.connection.hasRefused('api:8080'),
      scripted.connection.hasRefused('web:8080'),
    ],
    [true, false, false],
  );
});
