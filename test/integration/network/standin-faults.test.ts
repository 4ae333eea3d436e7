import assert from 'node:assert/strict';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { type RunningNetwork, startNetwork } from '../../support/routers/network.ts';
import { type RunningStandin, startStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/**
 * Faults that only a stand-in makes on command (docs/router-stream-protocol.md, section 11); real
 * routers cannot run this file.
 */
const KEY = 'web:8080';

let standin: RunningStandin;
let running: RunningNetwork;
let echoes: Backend;

before(async () => {
  echoes = await Backend.start(echo);
  standin = await startStandin();
  running = await startNetwork(standin.link, { creditWaitMs: 200, openWaitMs: 200 });
});

beforeEach(() => standin.router.addConnector(KEY, echoes.address));

after(async () => {
  await running[Symbol.asyncDispose]();
  assert.deepEqual(standin.router.violations, []);
  await standin.router.stop();
  await echoes.stop();
});

async function faultOf(attempt: Promise<unknown>) {
  try {
    await attempt;
  } catch (error) {
    const { code, retryable } = error as GatewayError;
    return { code, retryable };
  }
  return undefined;
}

/** A stream in mid-exchange, and what becomes of reading it. */
async function streamInUse(allowHalfOpen = false) {
  const stream = await running.connect(KEY, { allowHalfOpen });
  stream.write('first');
  await once(stream, 'data');
  return { stream, fault: faultOf(buffer(stream)) };
}

async function carriesAgain(): Promise<void> {
  await running.ready();
  standin.router.addConnector(KEY, echoes.address);
  const stream = await running.connect(KEY);
  stream.end('again');
  assert.equal((await buffer(stream)).toString(), 'again');
}

test('never granted credit: the service is unavailable, retryable', async () => {
  standin.router.misbehave(KEY, 'no-credit');

  const fault = await faultOf(running.connect(KEY));

  assert.deepEqual(fault, { code: 'service_unavailable', retryable: true });
});

test('opening never answered: a connect time-out, retryable', async () => {
  standin.router.misbehave(KEY, 'silent');

  const fault = await faultOf(running.connect(KEY));

  assert.deepEqual(fault, { code: 'upstream_connect_timeout', retryable: true });
  await carriesAgain();
});

test('opening released although credit was there: the service is unavailable, retryable', async () => {
  standin.router.misbehave(KEY, 'release');

  const fault = await faultOf(running.connect(KEY));

  assert.deepEqual(fault, { code: 'service_unavailable', retryable: true });
});

for (const order of ['response-first', 'outcome-first'] as const) {
  test(`backend reset, ${order}: never a clean end`, async () => {
    const { fault } = await streamInUse();

    standin.router.resetStreams(KEY, order);

    assert.deepEqual(await fault, { code: 'upstream_reset', retryable: false });
  });
}

test('far router lost: the stream fails, new ones are refused until it is back', async () => {
  const { fault } = await streamInUse();

  standin.router.loseFarRouter(KEY);

  assert.deepEqual(await fault, { code: 'upstream_reset', retryable: false });
  assert.equal((await faultOf(running.connect(KEY)))?.code, 'service_unavailable');
  await carriesAgain();
});

const AN_ERROR = { condition: 'amqp:resource-limit-exceeded', description: 'on command' };

test('links detached by the router: the stream fails', async () => {
  const { fault } = await streamInUse();

  standin.router.detachLinks(AN_ERROR, KEY);

  assert.deepEqual(await fault, { code: 'upstream_reset', retryable: false });
  await carriesAgain();
});

test('a routing key that the policy of the router forbids has a fault of its own, and costs others nothing', async () => {
  standin.router.addConnector('forbidden:1', { host: '127.0.0.1', port: 1 });
  standin.router.misbehave('forbidden:1', 'forbid');

  const fault = await faultOf(running.connect('forbidden:1'));

  assert.deepEqual(fault, { code: 'routing_key_forbidden', retryable: true });
  await carriesAgain();
});

test('sessions ended by the router: the stream fails', async () => {
  const { fault } = await streamInUse();

  standin.router.endSessions(AN_ERROR);

  assert.deepEqual(await fault, { code: 'upstream_reset', retryable: false });
  await carriesAgain();
});

test('connection closed by the router: every stream fails, the client comes back', async () => {
  const { fault } = await streamInUse();

  standin.router.closeConnections(AN_ERROR);

  assert.deepEqual(await fault, { code: 'upstream_reset', retryable: false });
  await waitUntil('loss noticed', () => running.log.some((line) => line.includes('on command')));
  await carriesAgain();
});

test('bare FIN of the router: every stream fails, the client comes back', async () => {
  const { fault } = await streamInUse();

  standin.router.dropConnections();

  assert.deepEqual(await fault, { code: 'upstream_reset', retryable: false });
  await carriesAgain();
});

test('backend that closes fully: a clean end for the client', async () => {
  await using backend = await Backend.start((socket) => socket.end('all of it'));
  standin.router.addConnector(KEY, backend.address);
  const stream = await running.connect(KEY, { allowHalfOpen: false });

  const received = await buffer(stream);

  assert.equal(received.toString(), 'all of it');
});
