import assert from 'node:assert/strict';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import { Backend, closedPort, echo } from '../../support/applications/backend.ts';
import { type RunningNetwork, startNetwork } from '../../support/routers/network.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';

let router: RunningRouter;
let running: RunningNetwork;
let echoes: Backend;

before(async () => {
  echoes = await Backend.start(echo);
  router = await startRouter({ connectors: { 'echo:1': echoes.address } });
  running = await startNetwork(router.link, { creditWaitMs: 300 });
});

after(async () => {
  await running[Symbol.asyncDispose]();
  assert.deepEqual(router.standin?.violations ?? [], []);
  await router.stop();
  await echoes.stop();
});

/** The fault, without its stack. */
async function faultOf(attempt: Promise<unknown>) {
  try {
    await attempt;
  } catch (error) {
    const { code, retryable } = error as GatewayError;
    return { code, retryable };
  }
  return undefined;
}

test('says that the connection was refused by the application, retryable', async () => {
  await router.addConnector('refused:1', { host: '127.0.0.1', port: await closedPort() });

  const fault = await faultOf(running.connect('refused:1'));

  assert.deepEqual(fault, { code: 'upstream_connect_failed', retryable: true });
});

test('says that nobody serves the routing key, retryable', async () => {
  const fault = await faultOf(running.connect('nowhere:1'));

  assert.deepEqual(fault, { code: 'service_unavailable', retryable: true });
});

test('carries a stream that waited for its consumer', async () => {
  await using patient = await startNetwork(router.link);
  const opening = patient.connect('late:1');

  await router.addConnector('late:1', echoes.address);
  const stream = await opening;
  stream.end('late');

  assert.equal((await buffer(stream)).toString(), 'late');
});

test('fails a stream whose application resets it, not retryable', async () => {
  await using backend = await Backend.start();
  await router.addConnector('reset:1', backend.address);
  const stream = await running.connect('reset:1', { allowHalfOpen: false });
  const socket = await backend.connection();
  stream.write('begun');
  await once(socket, 'data');

  const reading = faultOf(buffer(stream));
  socket.resetAndDestroy();

  assert.deepEqual(await reading, { code: 'upstream_reset', retryable: false });
});

test('fails a stream whose connector is deleted', async () => {
  await using backend = await Backend.start();
  await router.addConnector('deleted:1', backend.address);
  const stream = await running.connect('deleted:1', { allowHalfOpen: false });

  const reading = faultOf(buffer(stream));
  await router.removeConnector('deleted:1');

  assert.deepEqual(await reading, { code: 'upstream_reset', retryable: false });
});

test('fails every stream when the router is killed, and carries new ones when it is back', async () => {
  const streams = await Promise.all([1, 2, 3].map(() => running.connect('echo:1')));
  const readings = streams.map((stream) => faultOf(buffer(stream)));

  await router.kill();
  const faults = await Promise.all(readings);
  await router.restart();
  await running.ready(20_000);
  const stream = await running.connect('echo:1');
  stream.end('back');

  assert.deepEqual(
    faults.map((fault) => fault?.code),
    ['upstream_reset', 'upstream_reset', 'upstream_reset'],
  );
  assert.equal((await buffer(stream)).toString(), 'back');
});

test('gives up an opening when its caller does', async () => {
  const controller = new AbortController();

  const fault = faultOf(running.connect('nowhere:2', { signal: controller.signal }));
  controller.abort();

  assert.deepEqual(await fault, { code: 'client_gone', retryable: true });
});
