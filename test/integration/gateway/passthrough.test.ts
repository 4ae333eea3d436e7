import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { collect } from '../../support/applications/backend.ts';
import { realHello, refragment } from '../../support/clients/client-hello.ts';
import { PassthroughScene } from '../../support/gateway/passthrough-scene.ts';
import { kernelQueues } from '../../support/tools/kernel-queues.ts';
import { OFFERED_BYTES, untilStill, writeAll } from '../../support/tools/until-still.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** router-stream-protocol.md 7: octets that may be unacknowledged on a lane. */
const LANE_WINDOW = 1_042_432;
/** What the gateway may hold beside it, of one connection and direction. */
const OWN_BUFFERS = 256 * 1024;

const scene = PassthroughScene.forFile();

for (const name of ['secure.pass.test', 'secure.tcp.pass.test', 'any.wild.pass.test']) {
  test(`${name}: the client verifies the application's own certificate, end to end`, async () => {
    const socket = await secureTo(name);
    const session = { isTrusted: socket.authorized, protocol: socket.getProtocol() };
    const received = collect(socket);
    socket.end('over the gateway');
    await waitUntil('the echo and its end', () => received.isEnded);
    const line = await scene.gateway.record();

    assert.deepEqual(session, { isTrusted: true, protocol: 'TLSv1.3' });
    assert.equal(received.octets().toString(), 'over the gateway');
    assert.equal(line['kind'], 'connection');
    assert.equal(line['server.address'], name);
    assert.equal(line['complete'], true, JSON.stringify(line));
    assert.ok(Number(line['from_client_bytes']) > 200);
    assert.ok(Number(line['to_client_bytes']) > 500);
  });
}

test('a terminated host beside it goes on as it was', async () => {
  const response = await scene.gateway.request('/', { host: 'other.example.test' });
  const body = (await response.body.json()) as { code: string };

  assert.equal(body.code, 'upstream_connect_failed');
});

for (const [title, servername, status] of [
  ['without a server name', '', 404],
  ['under the name of a terminated host', 'app.example.test', 421],
] as const) {
  test(`a request ${title} does not reach a passthrough host`, async () => {
    const to = { host: '127.0.0.1', port: scene.gateway.port, ca: scene.gateway.caPem, servername };
    const socket = connectTls({ ...to, checkServerIdentity: () => undefined });
    const received = collect(socket);

    socket.write('GET / HTTP/1.1\r\nHost: raw.pass.test\r\nConnection: close\r\n\r\n');
    await waitUntil('an answer', () => received.isEnded);

    assert.match(received.octets().toString(), new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(scene.backend.connections.length, 0);
  });
}

test('protocols that the gateway does not speak are the business of the application', async () => {
  const socket = await secureTo('secure.pass.test', { ALPNProtocols: ['imap'] });

  const { alpnProtocol } = socket;
  socket.resume().end();
  await scene.gateway.record();

  assert.equal(alpnProtocol, 'imap');
});

for (const [title, pieces] of [
  ['octet by octet', () => Array.from(scene.hello, (octet) => Buffer.from([octet]))],
  ['in records of 64 octets', () => [refragment(scene.hello, 64)]],
] as const) {
  test(`a ClientHello that comes ${title} goes on as it came`, async () => {
    const client = await scene.client();
    const received = collect(client);
    const sent = pieces();

    for (const piece of sent) {
      client.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.end('and more');
    await waitUntil('the echo', () => received.isEnded);

    assert.deepEqual(received.octets(), Buffer.concat([...sent, Buffer.from('and more')]));
  });
}

for (const via of ['raw.pass.test', 'raw.tcp.pass.test']) {
  test(`${via}: after the client's end the application says more`, async () => {
    scene.serve = (socket) => void socket.resume().on('end', () => socket.end('heard you'));
    const client = await scene.client();
    const received = collect(client);

    client.end(await realHello(via));
    await waitUntil('the last words', () => received.isEnded);
    const line = await scene.gateway.record();

    assert.equal(received.octets().toString(), 'heard you');
    assert.equal(line['complete'], true, JSON.stringify(line));
  });

  test(`${via}: after the application's end the client says more`, async () => {
    scene.serve = (socket) => void socket.end('goodbye');
    const client = await scene.client();
    const received = collect(client);
    const sent = await realHello(via);

    client.write(sent);
    await waitUntil('the end', () => received.isEnded);
    const atBackend = collect(await scene.backend.connection());
    client.end('a last word');
    await waitUntil('the last word', () => atBackend.isEnded);
    const line = await scene.gateway.record();

    assert.equal(atBackend.octets().toString('latin1').slice(-11), 'a last word');
    assert.equal(line['complete'], true, JSON.stringify(line));
    assert.equal(line['from_client_bytes'], sent.length + 11);
    assert.equal(line['to_client_bytes'], 7);
  });
}

test('an application that reads nothing stops the client within the lane window', async () => {
  scene.serve = (socket) => void socket.pause();
  const client = await scene.client();
  client.write(scene.hello);
  const connection = await scene.backend.connection();
  writeAll(client);

  const given = await untilStill(() => client.bytesWritten - client.writableLength);
  const queues = [kernelQueues(scene.gateway.port), kernelQueues(scene.backend.address.port)];
  const inSockets = queues.reduce((sum, it) => sum + it.sending + it.receiving, 0);
  const held = given - connection.bytesRead - inSockets;
  client.destroy();

  console.log(`up: ${held} octets held, ${LANE_WINDOW + OWN_BUFFERS} allowed`);
  assert.ok(given < OFFERED_BYTES / 2);
  assert.ok(held <= LANE_WINDOW + OWN_BUFFERS, `${held} octets on the way`);
});

test('a client that reads nothing stops the application within the lane window', async () => {
  scene.serve = writeAll;
  const client = await scene.client();
  client.write(scene.hello);
  const connection = await scene.backend.connection();

  const given = await untilStill(() => connection.bytesWritten - connection.writableLength);
  const queues = [kernelQueues(scene.gateway.port), kernelQueues(scene.backend.address.port)];
  const inSockets = queues.reduce((sum, it) => sum + it.sending + it.receiving, 0);
  const held = given - client.bytesRead - inSockets;
  client.destroy();

  console.log(`down: ${held} octets held, ${LANE_WINDOW + OWN_BUFFERS} allowed`);
  assert.ok(given < OFFERED_BYTES / 2);
  assert.ok(held <= LANE_WINDOW + OWN_BUFFERS, `${held} octets on the way`);
});

async function secureTo(servername: string, options: object = {}): Promise<TLSSocket> {
  const to = {
    host: '127.0.0.1',
    port: scene.gateway.port,
    ca: scene.secure.caPem,
    allowHalfOpen: true,
  };
  const socket = connectTls({ ...to, servername, ...options });
  await once(socket, 'secureConnect');
  return socket;
}
