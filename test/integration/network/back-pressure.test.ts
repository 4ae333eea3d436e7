import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INCOMING_WINDOW } from '../../../src/network/amqp/session/session-window.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { type RunningNetwork, startNetwork } from '../../support/routers/network.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';
import { MOST_BUFFERED_BYTES, writeUntilStuck } from '../../support/tools/write-until-stuck.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

let router: RunningRouter;
let running: RunningNetwork;

before(async () => {
  router = await startRouter();
  running = await startNetwork(router.link);
});

after(async () => {
  await running[Symbol.asyncDispose]();
  assert.deepEqual(router.standin?.violations ?? [], []);
  await router.stop();
});

test('stops the client when the application does not read, and goes on when it does', async () => {
  await using backend = await Backend.start((socket) => socket.pause());
  await router.addConnector('deaf:1', backend.address);
  const stream = await running.connect('deaf:1');
  const socket = await backend.connection();

  const accepted = await writeUntilStuck(stream);
  let read = 0;
  socket.on('data', (chunk: Buffer) => (read += chunk.length));
  socket.resume();
  await waitUntil('all octets', () => read === accepted);

  assert.ok(accepted < MOST_BUFFERED_BYTES, `${accepted} octets were taken`);
  stream.destroy();
});

test('stops the application when the client does not read, and goes on when it does', async () => {
  await using backend = await Backend.start();
  await router.addConnector('torrent:1', backend.address);
  const stream = await running.connect('torrent:1');
  const socket = await backend.connection();

  const accepted = await writeUntilStuck(socket);
  let read = 0;
  stream.on('data', (chunk: Buffer) => (read += chunk.length));
  await waitUntil('all octets', () => read >= accepted - socket.writableLength);

  assert.ok(accepted < MOST_BUFFERED_BYTES, `${accepted} octets were taken`);
  stream.destroy();
});

test('goes on after more small pieces than the session takes came to a client that did not read', async () => {
  const pieces = 3 * INCOMING_WINDOW;
  await using backend = await Backend.start();
  await using echoing = await Backend.start(echo);
  await router.addConnector('pieces:1', backend.address);
  await router.addConnector('echo:1', echoing.address);
  const stream = await running.connect('pieces:1');
  const socket = await backend.connection();
  const clock = await running.connect('echo:1');

  for (let i = 0; i < pieces; i += 1) {
    socket.write('piece');
    // A round trip later the piece has left the routers, so the next is a transfer of its own.
    clock.write('tick');
    await new Promise((resolve) => clock.once('data', resolve));
  }
  let read = 0;
  stream.on('data', (chunk: Buffer) => (read += chunk.length));
  await waitUntil('all pieces', () => read === pieces * 'piece'.length);

  for (const each of [stream, clock]) each.destroy();
});

test('keeps other streams of the connection moving while one is stuck', async () => {
  await using deaf = await Backend.start((socket) => socket.pause());
  await using echoing = await Backend.start(echo);
  await router.addConnector('deaf:2', deaf.address);
  await router.addConnector('echo:2', echoing.address);
  const stuck = await running.connect('deaf:2');
  await writeUntilStuck(stuck);

  const stream = await running.connect('echo:2');
  let echoed = 0;
  stream.on('data', (chunk: Buffer) => (echoed += chunk.length));
  for (let i = 0; i < 40; i += 1) stream.write(CHUNK);

  await waitUntil('echo', () => echoed === 40 * CHUNK.length);
  stuck.destroy();
  stream.destroy();
});
