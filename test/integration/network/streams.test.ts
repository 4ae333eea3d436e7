import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Backend, collect, echo } from '../../support/applications/backend.ts';
import { type RunningNetwork, startNetwork } from '../../support/routers/network.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const MEGABYTE = 1_000_000;

let router: RunningRouter;
let running: RunningNetwork;
let echoes: Backend;

before(async () => {
  echoes = await Backend.start(echo);
  router = await startRouter({ connectors: { 'echo:1': echoes.address } });
  running = await startNetwork(router.link);
});

after(async () => {
  await running[Symbol.asyncDispose]();
  assert.deepEqual(router.standin?.violations ?? [], []);
  await router.stop();
  await echoes.stop();
});

test('carries octets to the application and back, and ends both halves', async () => {
  const stream = await running.connect('echo:1');

  stream.end('hello');

  assert.equal((await buffer(stream)).toString(), 'hello');
});

for (const streams of [100, 500]) {
  test(`carries ${streams} streams at once on one connection without cross-talk`, async () => {
    const nonces = Array.from({ length: streams }, () => randomBytes(200).toString('hex'));

    const answers = await Promise.all(nonces.map((nonce) => exchange(nonce)));

    assert.deepEqual(answers, nonces);
    assert.equal(running.network.status().connections.length, 1);
  });
}

async function exchange(nonce: string): Promise<string> {
  const stream = await running.connect('echo:1');
  stream.write(nonce.slice(0, 100));
  stream.end(nonce.slice(100));
  return (await buffer(stream)).toString();
}

test('carries a large upload exactly', async () => {
  const sent = randomBytes(8 * MEGABYTE);
  const hash = createHash('sha256');
  await using backend = await Backend.start((socket) => digest(socket, hash));
  await router.addConnector('upload:1', backend.address);
  const stream = await running.connect('upload:1');

  stream.end(sent);
  const answer = await buffer(stream);

  assert.equal(answer.toString(), createHash('sha256').update(sent).digest('hex'));
});

function digest(socket: Socket, hash: ReturnType<typeof createHash>): void {
  socket.on('data', (chunk: Buffer) => hash.update(chunk));
  socket.on('end', () => socket.end(hash.digest('hex')));
}

test('carries a large download exactly', async () => {
  const sent = randomBytes(8 * MEGABYTE);
  await using backend = await Backend.start((socket) => socket.end(sent));
  await router.addConnector('download:1', backend.address);
  const stream = await running.connect('download:1');

  const received = await buffer(stream);
  stream.end();

  assert.ok(received.equals(sent));
});

test('carries large streams both ways at once, several of them', async () => {
  const bodies = Array.from({ length: 4 }, () => randomBytes(3 * MEGABYTE));

  const answers = await Promise.all(
    bodies.map(async (body) => {
      const stream = await running.connect('echo:1');
      stream.end(body);
      return buffer(stream);
    }),
  );

  assert.ok(answers.every((answer, at) => answer.equals(bodies[at]!)));
});

test('lets the application answer after the client has ended its half', async () => {
  await using backend = await Backend.start();
  await router.addConnector('client-first:1', backend.address);
  const stream = await running.connect('client-first:1');
  const socket = await backend.connection();
  const taken = collect(socket);

  stream.end('question');
  await waitUntil('FIN at the application', () => taken.isEnded);
  socket.end('answer');

  assert.equal(taken.octets().toString(), 'question');
  assert.equal((await buffer(stream)).toString(), 'answer');
});

test('lets the client go on after the application has ended its half', async () => {
  await using backend = await Backend.start((socket) => socket.end('bye'));
  await router.addConnector('server-first:1', backend.address);
  const stream = await running.connect('server-first:1');
  const taken = collect(await backend.connection());
  const received = collect(stream);

  await waitUntil('FIN at the client', () => received.isEnded);
  stream.end('still here');
  await waitUntil('FIN at the application', () => taken.isEnded);

  assert.equal(received.octets().toString(), 'bye');
  assert.equal(taken.octets().toString(), 'still here');
});

test('ends the stream for the application when the client gives it up', async () => {
  await using backend = await Backend.start();
  await router.addConnector('abort:1', backend.address);
  const stream = await running.connect('abort:1');
  const taken = collect(await backend.connection());
  stream.write('begun');
  await waitUntil('octets', () => taken.octets().length === 5);

  stream.destroy();

  await waitUntil('end of the connection', () => taken.isEnded);
});
