import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { OCTET_WINDOW_BYTES } from '../../../src/network/amqp/lane/octet-window.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { type RunningNetwork, startNetwork } from '../../support/routers/network.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';
import { startStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';
import { writeUntilStuck } from '../../support/tools/write-until-stuck.ts';

// A stream that was aborted while its application reads nothing stands before the next one that the routers send over
// the same link (skrouterd 3.5.1): of openings to other applications some were never answered.

let deaf: Backend;
let living: Backend;
let router: RunningRouter;
let running: RunningNetwork;

before(async () => {
  deaf = await Backend.start((socket) => socket.pause());
  living = await Backend.start(echo);
  router = await startRouter({
    connectors: { 'deaf:1': deaf.address, 'deaf:2': deaf.address, 'echo:1': living.address },
    plainTcpListeners: ['deaf:2'],
  });
  running = await startNetwork(router.link);
});

after(async () => {
  await running?.[Symbol.asyncDispose]();
  await router?.stop();
  await deaf?.stop();
  await living?.stop();
});

/** Opens one stream after the other to an application that answers. */
async function openInTurn(count: number, limitMs?: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const stream = await running.connect('echo:1', limitMs === undefined ? {} : { limitMs });
    stream.write('hello');
    await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();
  }
}

test('uploads that are given up unread stand before no other stream', async () => {
  const uploads = await Promise.all([running.connect('deaf:1'), running.connect('deaf:1')]);
  const written = await Promise.all(uploads.map(writeUntilStuck));
  const begun = await running.connect('echo:1');
  begun.destroy();

  for (const upload of uploads) upload.destroy();
  // So soon that none may be late: then another would be tried beside it.
  await openInTurn(6, DEADLINES.laneLateMs / 2);

  assert.ok(written.every((octets) => octets >= OCTET_WINDOW_BYTES));
});

test('an application gets the end of such an upload when it reads again', async () => {
  const first = deaf.connections.length + 1;
  const upload = await running.connect('deaf:1');
  const socket = await deaf.connection(first);
  await writeUntilStuck(upload);

  upload.destroy();
  socket.resume();
  await waitUntil('the end', () => socket.readableEnded);
  socket.destroy();

  assert.equal(running.network.status().connections[0]!.state, 'open');
});

test('streams open although uploads of others stand before them', async () => {
  const others = [1, 2].map(() => connect(router.plainTcpPort('deaf:2'), '127.0.0.1'));
  for (const other of others) other.on('error', () => {});
  await Promise.all(others.map(writeUntilStuck));

  for (const other of others) other.resetAndDestroy();

  await openInTurn(8);
});

test('an opening that is not answered has another beside it, and the stream opens', async () => {
  await using standin = await startStandin();
  standin.router.addConnector('echo:1', living.address);
  await using network = await startNetwork(standin.link);
  standin.router.misbehave('echo:1', 'silent');
  const sessions = standin.router.sessionsBegun;

  const opening = network.connect('echo:1');
  await waitUntil('a second opening', () => standin.router.sessionsBegun - sessions >= 2);
  standin.router.misbehave('echo:1', 'serve');
  const stream = await opening;
  stream.write('hello');
  const answer = await new Promise((resolve) => stream.once('data', resolve));
  stream.destroy();

  assert.equal(String(answer), 'hello');
  assert.deepEqual(standin.router.violations, []);
});
