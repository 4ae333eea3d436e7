import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { type RunningNetwork, startNetwork } from '../../support/routers/network.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const IDLE_LANES = 500;
/** Below the threshold, so a router never acknowledges them; together ten times the cap of the connection. */
const IDLE_BYTES = 64 * 1024;
const UPLOAD_BYTES = 32 * 1024 * 1024;
const CHUNK = randomBytes(64 * 1024);

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

test('an upload goes on beside 500 idle lanes and a stuck one, and the idle ones stay usable', async () => {
  await using idle = await Backend.start(echoAfter(IDLE_BYTES));
  await using deaf = await Backend.start((socket) => socket.pause());
  const received = createHash('sha256');
  let receivedBytes = 0;
  await using sink = await Backend.start((socket) => {
    socket.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length;
      received.update(chunk);
    });
  });
  await router.addConnector('idle:1', idle.address);
  await router.addConnector('deaf:1', deaf.address);
  await router.addConnector('sink:1', sink.address);
  const lanes = await Promise.all(Array.from({ length: IDLE_LANES }, openIdle));
  await waitUntil('all idle octets', () => readBy(idle) === IDLE_LANES * IDLE_BYTES, 30_000);
  const stuck = await running.connect('deaf:1');
  // Takes whatever one lane may have beyond the cap, and never gives it back.
  for (let i = 0; i < 32; i += 1) stuck.write(CHUNK);
  const [before] = running.network.status().connections;

  const upload = await running.connect('sink:1');
  const sent = await send(upload);
  await waitUntil('the whole upload', () => receivedBytes === UPLOAD_BYTES, 30_000);
  const answers = await Promise.all(lanes.map(ask));

  assert.equal(received.digest('hex'), sent);
  assert.ok(answers.every((isRight) => isRight));
  const [now] = running.network.status().connections;
  assert.equal(now?.router?.id, before?.router?.id);
  assert.equal(now?.lanes, IDLE_LANES + 2);
  for (const stream of [...lanes, stuck, upload]) stream.destroy();
});

test('an upload goes on while the cap is full and a stuck lane has the exemption from it', async () => {
  await using narrow = await startNetwork(router.link, { unackedLimitBytes: 1 });
  await using deaf = await Backend.start((socket) => socket.pause());
  let receivedBytes = 0;
  await using sink = await Backend.start((socket) => {
    socket.on('data', (chunk: Buffer) => (receivedBytes += chunk.length));
  });
  await router.addConnector('deaf:2', deaf.address);
  await router.addConnector('sink:2', sink.address);
  const stuck = await narrow.connect('deaf:2');
  for (let i = 0; i < 32; i += 1) stuck.write(CHUNK);

  // One threshold at a time: what a router acknowledges does not count.
  const upload = await narrow.connect('sink:2');
  await send(upload);
  await waitUntil('the whole upload', () => receivedBytes === UPLOAD_BYTES, 30_000);

  for (const stream of [stuck, upload]) stream.destroy();
});

async function openIdle(): Promise<Duplex> {
  const lane = await running.connect('idle:1');
  lane.write(CHUNK.subarray(0, IDLE_BYTES));
  return lane;
}

/** Gives the digest of what was written. */
async function send(stream: Duplex): Promise<string> {
  const hash = createHash('sha256');
  for (let sent = 0; sent < UPLOAD_BYTES; sent += CHUNK.length) {
    hash.update(CHUNK);
    if (!stream.write(CHUNK)) await once(stream, 'drain', { signal: AbortSignal.timeout(30_000) });
  }
  return hash.digest('hex');
}

/** True when the lane brings back what only it was given. */
async function ask(lane: Duplex): Promise<boolean> {
  const nonce = randomBytes(16).toString('hex');
  lane.write(nonce);
  const [answer] = (await once(lane, 'data', { signal: AbortSignal.timeout(30_000) })) as [Buffer];
  return answer.toString() === nonce;
}

/** Takes so many octets of a connection, then sends back what it gets. */
function echoAfter(bytes: number): (socket: Socket) => void {
  return (socket) => {
    let left = bytes;
    socket.on('data', (chunk: Buffer) => {
      const answer = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - answer.length;
      if (answer.length > 0) socket.write(answer);
    });
  };
}

function readBy(backend: Backend): number {
  return backend.connections.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
}
