import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../../../src/core/deadlines.ts';
import { GatewayError } from '../../../../../src/core/errors.ts';
import { openedLane, openLane, type ObservedLane } from './lane-fixture.ts';
import { quiet, ScriptedRouter, until } from '../scripted-router.ts';

const MODIFIED = { kind: 'modified', deliveryFailed: true, undeliverableHere: false } as const;
const RELEASED = { kind: 'released' } as const;

async function openingLane(): Promise<[ScriptedRouter, ObservedLane]> {
  const router = await new ScriptedRouter().opened();
  const observed = openLane(router);
  await router.attach();
  router.credit();
  await router.received('transfer');
  return [router, observed];
}

async function lane(allowHalfOpen = false): Promise<[ScriptedRouter, ObservedLane]> {
  const router = await new ScriptedRouter().opened();
  return [router, await openedLane(router, allowHalfOpen)];
}

/** Nothing of the lane is left: no lane, no timer but the connection's own and the session's. */
async function assertNothingLeft(router: ScriptedRouter, observed: ObservedLane): Promise<void> {
  await until(() => observed.isClosed, 'close');
  const end = await router.received('end');
  router.end();
  await quiet();
  assert.equal(router.frames.at(-1), end);
  assert.equal(router.connection.laneCount, 0);
  // Keepalive has two timers.
  assert.equal(router.clock.pendingCount, 2);
}

const codeOf = ({ error }: ObservedLane) => error instanceof GatewayError && error.code;
const isRetryable = ({ error }: ObservedLane) => error instanceof GatewayError && error.retryable;

test('no credit within creditWait is an unavailable service, retryable', async () => {
  const router = await new ScriptedRouter().opened();
  const observed = openLane(router);
  await router.attach();

  router.clock.advance(2_999);
  await quiet();
  assert.equal(observed.openError, undefined);
  router.clock.advance(1);
  await until(() => observed.openError !== undefined);

  assert.equal(observed.openError!.code, 'service_unavailable');
  assert.equal(observed.openError!.retryable, true);
  await assertNothingLeft(router, observed);
});

test('an opening that is not answered within openWait is a timeout, retryable', async () => {
  const [router, observed] = await openingLane();

  router.clock.advance(200);
  router.flow(0, 512, 1);
  await quiet();
  router.clock.advance(4_800);
  await until(() => observed.openError !== undefined);

  assert.equal(observed.openError!.code, 'upstream_connect_timeout');
  assert.equal(observed.openError!.retryable, true);
  await router.lives(DEADLINES.laneUnansweredMs);
  await assertNothingLeft(router, observed);
});

test('a router that says nothing at all within openWait is the fault of the network, not of the service', async () => {
  const [router, observed] = await openingLane();

  router.clock.advance(5_000);
  await until(() => observed.openError !== undefined);

  assert.equal(observed.openError!.code, 'network_unavailable');
  assert.equal(observed.openError!.retryable, true);
  assert.equal(router.connection.laneCount, 0);
});

for (const [state, code] of [
  [RELEASED, 'service_unavailable'],
  [MODIFIED, 'upstream_connect_failed'],
  [{ kind: 'rejected' }, 'upstream_connect_failed'],
  [{ kind: 'accepted' }, 'upstream_connect_failed'],
] as const) {
  test(`${state.kind} before the response opening is ${code}, retryable`, async () => {
    const [router, observed] = await openingLane();

    router.outcome(0, state);
    await until(() => observed.openError !== undefined);

    assert.equal(observed.openError!.code, code);
    assert.equal(observed.openError!.retryable, true);
    assert.equal(observed.error, undefined);
    if (state === RELEASED || state === MODIFIED) router.clock.advance(DEADLINES.laneHeldMs);
    await assertNothingLeft(router, observed);
    // As in the recording refused-backend: settled, aborted, ended.
    assert.equal(router.all('disposition')[0]!.performative.settled, true);
    assert.equal(router.all('transfer')[1]!.performative.aborted, true);
  });
}

test('a response aborted before its opening is an unavailable service', async () => {
  const [router, observed] = await openingLane();

  router.transfer(0, '', { aborted: true, settled: true, more: false });
  await until(() => observed.openError !== undefined);

  assert.equal(observed.openError!.code, 'service_unavailable');
  await assertNothingLeft(router, observed);
});

for (const order of ['response first', 'outcome first'] as const) {
  for (const settled of [true, false]) {
    for (const allowHalfOpen of [true, false]) {
      const title = `${order}, settled ${settled}, half-open ${allowHalfOpen}`;
      test(`a reset in mid-stream is never a clean end: ${title}`, async () => {
        const [router, observed] = await lane(allowHalfOpen);
        observed.lane.write('request');
        const final = () => router.transfer(0, 'cut', { more: false, settled });

        if (order === 'response first') final();
        router.outcome(0, MODIFIED);
        if (order === 'outcome first') final();
        await until(() => observed.isClosed);

        assert.equal(codeOf(observed), 'upstream_reset');
        assert.equal(isRetryable(observed), false);
        if (!allowHalfOpen) assert.equal(observed.isEnded, false);
        await router.received('end');
      });
    }
  }
}

for (const state of [RELEASED, MODIFIED]) {
  test(`${state.kind} in mid-stream is a reset, not retryable`, async () => {
    const [router, observed] = await lane();

    router.outcome(0, state);
    await until(() => observed.isClosed);

    assert.equal(codeOf(observed), 'upstream_reset');
    assert.equal(isRetryable(observed), false);
    await assertNothingLeft(router, observed);
  });
}

test('an aborted response is a reset, not retryable', async () => {
  const [router, observed] = await lane();

  router.transfer(0, '', { aborted: true, settled: true, more: false });
  await until(() => observed.isClosed);

  assert.equal(codeOf(observed), 'upstream_reset');
  assert.equal(observed.isEnded, false);
  await assertNothingLeft(router, observed);
});

test('an end of the application without an outcome is a reset after laneOutcomeMs', async () => {
  const [router, observed] = await lane();

  router.transfer(0, 'all?', { more: false });
  await router.received('transfer', 2);
  router.clock.advance(4_900);
  await quiet();
  assert.equal(observed.error, undefined);
  router.clock.advance(100);
  await until(() => observed.isClosed);

  assert.equal(codeOf(observed), 'upstream_reset');
  assert.equal(observed.isEnded, false);
  await assertNothingLeft(router, observed);
});

test('a lost connection fails every lane, and is retryable only before the opening', async () => {
  const router = await new ScriptedRouter().opened();
  const open = await openedLane(router);
  const attaching = openLane(router);
  await quiet();

  router.socket.end();
  await until(() => open.isClosed && attaching.isClosed);

  assert.equal(codeOf(open), 'upstream_reset');
  assert.equal(isRetryable(open), false);
  assert.equal(attaching.openError!.code, 'network_unavailable');
  assert.equal(attaching.openError!.retryable, true);
  assert.equal(router.clock.pendingCount, 0);
});

test('detach and end of the router are answered in kind', async () => {
  const error = { condition: 'qd:connection-role', description: 'Link attach forbidden' };
  const [router, observed] = await openingLane();
  router.send(0, { kind: 'detach', handle: 1, closed: true, error });
  await router.received('detach');
  await until(() => observed.openError !== undefined);
  assert.match(observed.openError!.message, /qd:connection-role: Link attach forbidden/);
  await assertNothingLeft(router, observed);

  const [other, cut] = await lane();
  other.end(0, error);
  await until(() => cut.isClosed);
  await other.received('end');
  assert.match(cut.error!.message, /qd:connection-role/);
});

test('a frame out of state ends the lane and leaves the connection', async () => {
  const [router, observed] = await lane();
  const other = await openedLane(router);

  router.transfer(0, 'x', { deliveryId: 7 });
  const end = await router.received('end');
  other.lane.write('still here');
  await until(() => router.octets(1).length > 0);

  assert.equal(end.channel, 0);
  assert.equal(end.performative.error?.condition, 'amqp:not-allowed');
  assert.equal(codeOf(observed), 'upstream_reset');
});

for (const wrong of ['reply address', 'content type', 'section'] as const) {
  test(`a response with a wrong ${wrong} is dropped before it is anybody's`, async () => {
    const [router, observed] = await openingLane();
    const request = router.all('transfer')[0]!.payload;

    if (wrong === 'reply address') router.transfer(0, request);
    if (wrong === 'section') router.transfer(0, Buffer.from('005375a00161', 'hex'));
    if (wrong === 'content type') router.transfer(0, Buffer.from('00537740', 'hex'));
    const end = await router.received('end');
    await until(() => observed.openError !== undefined);

    assert.notEqual(end.performative.error, undefined);
    assert.equal(observed.openError!.code, 'upstream_connect_failed');
  });
}

for (const state of ['attaching', 'opening', 'open', 'half-closed', 'answered'] as const) {
  test(`a lane destroyed while ${state} leaves nothing open`, async () => {
    const router = await new ScriptedRouter().opened();
    const observed = openLane(router, true);
    if (state !== 'attaching') {
      await router.attach();
      router.credit();
      await router.received('transfer');
    }
    if (state === 'open' || state === 'half-closed' || state === 'answered') {
      router.answer(0, 'data');
      await until(() => observed.isOpen);
      observed.lane.write('x');
    }
    if (state === 'half-closed') observed.lane.end();
    if (state === 'answered') router.transfer(0, '', { more: false });
    await quiet();

    observed.lane.destroy(new GatewayError('client_gone'));
    if (state === 'attaching') await router.attach();

    await assertNothingLeft(router, observed);
    const aborted = router.all('transfer').filter((frame) => frame.performative.aborted === true);
    const isUnfinished = state === 'opening' || state === 'open' || state === 'answered';
    assert.equal(aborted.length, isUnfinished ? 1 : 0);
    const given = router.all('disposition').map((frame) => frame.performative.state?.kind);
    const isUnanswered = state === 'open' || state === 'half-closed';
    assert.deepEqual(given, isUnanswered ? ['modified'] : state === 'answered' ? ['accepted'] : []);
  });
}
