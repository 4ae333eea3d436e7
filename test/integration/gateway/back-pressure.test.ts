import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { http2To, secureTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { kernelQueues } from '../../support/tools/kernel-queues.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { OFFERED_BYTES, untilStill, writeAll } from '../../support/tools/until-still.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** router-stream-protocol.md 7: octets that may be unacknowledged on a lane. */
const LANE_WINDOW = 1_042_432;
/** What the gateway may hold beside it, of one exchange. */
const OWN_BUFFERS = 256 * 1024;
const ALLOWED = LANE_WINDOW + OWN_BUFFERS;
/** Far beyond every buffer on the way. */
/** The host of a service whose answer is waited for only two seconds. */
const IMPATIENT = 'other.example.test';
/** A loaded machine needs time for 256 streams; nothing here ends by this limit when all is well. */
const LIMIT_MS = 20_000;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

let router: RunningRouter;
let gateway: TestGateway;
let backend: Backend;
let serve: (socket: Socket) => void;

before(async () => {
  backend = await Backend.start((socket) => serve(socket));
  router = await startRouter({ connectors: { 'app:1': backend.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services:
  app: { address: "app:1" }
  impatient: { address: "app:1", timeout: { response: 2s } }
routes:
  app: { host: app.example.test, service: app, auth: public, body: 1GiB }
  impatient: { host: other.example.test, service: impatient, auth: public, body: 1GiB }
`,
  });
});

/** Every test begins without a connection, so that its numbers are its own. */
beforeEach(async () => {
  for (const socket of backend.connections) socket.destroy();
  backend.connections.length = 0;
  gateway.records.length = 0;
  await waitUntil('no lane is open', () => gauge('fairlead_lanes') === 0, LIMIT_MS);
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await backend?.[Symbol.asyncDispose]();
});

test('a backend that stops reading stops the client within the lane window and 256 KiB', async () => {
  let headBytes = 0;
  serve = (socket) => {
    socket.once('data', (chunk: Buffer) => {
      headBytes = chunk.indexOf('\r\n\r\n') + 4;
      socket.pause();
    });
  };
  const client = await secureTo(gateway, { servername: IMPATIENT });
  client.write(
    `POST /up HTTP/1.1\r\nHost: ${IMPATIENT}\r\nContent-Length: ${OFFERED_BYTES}\r\n\r\n`,
  );
  writeAll(client);
  const connection = await backend.connection();

  const given = await untilStill(() => client.bytesWritten - client.writableLength);
  const read = connection.bytesRead - headBytes;
  const queues = kernelQueues(backend.address.port);
  client.destroy();
  const line = await gateway.record();

  const accepted = Number(line['http.request.body.size']);
  const inSockets = queues.sending + queues.receiving;
  report('upload', { given, accepted, read, inSockets, held: accepted - read - inSockets });
  assert.ok(accepted >= read && accepted < OFFERED_BYTES / 2);
  assert.ok(accepted - read <= ALLOWED + inSockets, `${accepted - read} octets on the way`);
  await nothingIsLeft();
});

test('a client that stops reading stops the backend within the lane window and 256 KiB', async () => {
  serve = (socket) => {
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${OFFERED_BYTES}\r\n\r\n`);
      writeAll(socket);
    });
  };
  const client = await secureTo(gateway);
  client.write('GET /down HTTP/1.1\r\nHost: app.example.test\r\n\r\n');
  client.once('data', () => client.pause());
  const connection = await backend.connection();

  const given = await untilStill(() => connection.bytesWritten - connection.writableLength);
  const received = client.bytesRead;
  const atBackend = kernelQueues(backend.address.port);
  const atClient = kernelQueues(gateway.port);
  client.destroy();

  const inSockets = atBackend.sending + atBackend.receiving + atClient.sending + atClient.receiving;
  report('download', { given, received, inSockets, held: given - received - inSockets });
  assert.ok(given < OFFERED_BYTES / 2, `${given} octets were taken from the backend`);
  assert.ok(given - received <= ALLOWED + inSockets, `${given - received} octets on the way`);
  await nothingIsLeft();
});

test('clients that vanish in paused downloads of 64 KiB leave nothing behind', async () => {
  serve = answerEach(`HTTP/1.1 200 OK\r\nContent-Length: ${CHUNK.length}\r\n\r\n`, CHUNK);
  const sessions = await Promise.all(Array.from({ length: 32 }, () => http2To(gateway)));

  for (const session of sessions) {
    for (let stream = 0; stream < 8; stream += 1) {
      const request = session.request({ ':path': '/down', ':authority': 'app.example.test' });
      request.on('error', () => {});
      request.once('data', () => request.pause());
    }
  }
  await waitUntil(
    '256 exchanges are open',
    () => gauge('http_server_active_requests') === 256,
    LIMIT_MS,
  );
  await untilStill(() => gauge('fairlead_upstream_requests') + gateway.records.length);
  for (const session of sessions) session.destroy();

  await nothingIsLeft(openAtBackend());
  assert.equal(gateway.records.length, 256);
  assert.equal(await answerNow(), 200);
});

test('clients that come, read a little and vanish at random do not stall the others', async () => {
  serve = answerEach(`HTTP/1.1 200 OK\r\nContent-Length: ${CHUNK.length}\r\n\r\n`, CHUNK);
  let completed = 0;

  const connections = Array.from({ length: 32 }, async (_, index) => {
    for (let round = 0; round < 2; round += 1) {
      const session = await http2To(gateway);
      const isVanishing = (index + round) % 2 === 0;
      const streams = Array.from({ length: 8 }, () => download(session, isVanishing));
      const outcomes = await Promise.all(streams);
      completed += outcomes.filter((bytes) => bytes === CHUNK.length).length;
      session.destroy();
    }
  });
  await Promise.all(connections);

  assert.equal(completed, 16 * 2 * 8);
  await nothingIsLeft(openAtBackend());
  assert.equal(gateway.records.length, 32 * 2 * 8);
});

test('clients that vanish in paused uploads leave nothing behind', async () => {
  serve = (socket) => socket.once('data', () => socket.pause());
  const body = Buffer.alloc(16 * 1024 * 1024);
  const sessions = await Promise.all(Array.from({ length: 4 }, () => http2To(gateway, IMPATIENT)));
  const sockets = await Promise.all(
    Array.from({ length: 4 }, () => secureTo(gateway, { servername: IMPATIENT })),
  );

  for (const session of sessions) {
    const request = session.request({
      ':method': 'POST',
      ':path': '/',
      ':authority': IMPATIENT,
    });
    request.on('error', () => {});
    request.write(body);
  }
  for (const socket of sockets) {
    socket.write(`POST / HTTP/1.1\r\nHost: ${IMPATIENT}\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  }
  await waitUntil('8 exchanges are open', () => gauge('http_server_active_requests') === 8);
  await waitUntil('8 lanes are open', () => gauge('fairlead_lanes') >= 8);
  await untilStill(() => sockets.reduce((sum, it) => sum + it.bytesWritten - it.writableLength, 0));
  for (const session of sessions) session.destroy();
  for (const socket of sockets) socket.destroy();

  // A paused HTTP/1.1 socket hides that its client is gone: the wait for the answer (2 s) ends it.
  await nothingIsLeft();
  assert.equal(gateway.records.length, 8);
});

/** A GET over the session: octets received; a vanishing one destroys the session at its first octets. */
function download(session: Awaited<ReturnType<typeof http2To>>, isVanishing: boolean) {
  const { promise, resolve } = Promise.withResolvers<number>();
  const request = session.request({ ':path': '/down', ':authority': 'app.example.test' });
  let bytes = 0;
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (isVanishing) session.destroy();
  });
  request.on('close', () => resolve(bytes));
  return promise;
}

async function answerNow(): Promise<number> {
  const response = await gateway.request('/after');
  await response.body.dump();
  return response.statusCode;
}

/** A kept-alive application that gives one answer for each request head. */
function answerEach(head: string, body: Buffer): (socket: Socket) => void {
  return (socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4);
        socket.write(head);
        socket.write(body);
      }
    });
  };
}

/** Idle pooled connections keep their lanes on purpose; `idleLanes` says how many there may be. */
async function nothingIsLeft(idleLanes = 0): Promise<void> {
  await waitUntil('no exchange', () => gauge('http_server_active_requests') === 0, LIMIT_MS);
  await waitUntil('no upstream request', () => gauge('fairlead_upstream_requests') === 0, LIMIT_MS);
  await waitUntil('no lane but idle ones', () => gauge('fairlead_lanes') <= idleLanes, LIMIT_MS);
}

/** Connections that the application has and nobody closed. */
function openAtBackend(): number {
  return backend.connections.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
}

function gauge(name: string): number {
  return metricValue(gateway.gateway.metrics.render(), name);
}

function report(name: string, numbers: Readonly<Record<string, number>>): void {
  console.log(`${name}: allowed ${ALLOWED}, ${JSON.stringify(numbers)}`);
}
