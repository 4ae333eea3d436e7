import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { before, test } from 'node:test';
import { realHello, refragment } from '../../support/clients/client-hello.ts';
import { RawClient, startListening, until } from '../../support/gateway/listening.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

let hello: Buffer;

before(async () => {
  hello = await realHello('pass.example', ['imap']);
});

test('a passthrough name is handed on with its octets as they came, and no handshake failed', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.port);

  client.write(hello);
  client.socket.end('behind it');
  await until(() => gateway.handler.passed.length === 1, 'handed on');
  const { stream, serverName, connection } = gateway.handler.passed[0]!;
  const octets = await buffer(stream);

  assert.deepEqual(octets, Buffer.concat([hello, Buffer.from('behind it')]));
  assert.equal(serverName, 'pass.example');
  assert.deepEqual([connection.remoteAddress, connection.tls], ['127.0.0.1', undefined]);
  assert.equal(sum(gateway.listener.stats.drops), 0);
  assert.equal(client.received, '');
});

test('a hello in pieces is handed on whole', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.port);
  const records = refragment(hello, 100);

  for (const octet of records) {
    client.write(Buffer.from([octet]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.socket.end();
  await until(() => gateway.handler.passed.length === 1, 'handed on');

  assert.deepEqual(await buffer(gateway.handler.passed[0]!.stream), records);
});

for (const [title, octets] of [
  ['larger than the bound', () => oversized()],
  ['in a record an octet', () => refragment(hello, 1)],
  ['with its length fields broken', () => Buffer.from(hello).fill(0xff, 43, 60)],
] as const) {
  test(`a hello ${title} is refused with decode_error`, async () => {
    await using gateway = await startListening();
    using client = RawClient.plain(gateway.port);

    client.write(octets());
    await client.ended();

    assert.equal(client.received, '\x15\x03\x03\x00\x02\x02\x32');
    assert.equal(gateway.listener.stats.drops.malformed_hello, 1);
    assert.equal(gateway.handler.passed.length, 0);
  });
}

test('a hello that does not end is given up like every handshake', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = RawClient.plain(gateway.port);
  client.write(hello.subarray(0, 100));
  await until(() => gateway.listener.stats.openConnections === 1, 'accepted');

  clock.advance(11_000);
  await client.ended();

  assert.equal(gateway.listener.stats.drops.handshake_timeout, 1);
});

test('what is handed on is under no deadline of the handshake any more', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = RawClient.plain(gateway.port);
  client.write(hello);
  await until(() => gateway.handler.passed.length === 1, 'handed on');

  clock.advance(60_000);

  assert.equal(gateway.handler.passed[0]!.stream.destroyed, false);
  assert.equal(gateway.listener.stats.drops.handshake_timeout, 0);
});

test('without a server name nothing passes through', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.port);

  client.write(await realHello(''));
  await until(() => client.received !== '', 'the answer of the gateway');

  assert.equal(client.received.charCodeAt(0), 22, 'a handshake record');
  assert.equal(gateway.handler.passed.length, 0);
});

test('a connection that passes through counts against the ceilings until it closes', async () => {
  const limits = {
    connections: 100,
    perClientAddress: { connections: 1, rate: undefined, handshakes: undefined },
    headerBytes: 32_768,
    headerCount: 128,
  };
  await using gateway = await startListening({ config: { limits } });
  using first = RawClient.plain(gateway.port);
  first.write(hello);
  await until(() => gateway.handler.passed.length === 1, 'handed on');
  using second = RawClient.plain(gateway.port);
  await second.ended();

  gateway.handler.passed[0]!.reset();
  await first.ended();
  await until(() => gateway.listener.stats.openConnections === 0, 'counted out');

  assert.equal(gateway.listener.stats.drops.address_ceiling, 1);
});

function oversized(): Buffer {
  const message = Buffer.alloc(17_000);
  message.writeUInt8(1, 0);
  message.writeUIntBE(message.length - 4, 1, 3);
  return refragment(Buffer.concat([Buffer.alloc(5), message]), 8_000);
}

function sum(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((total, value) => total + value, 0);
}
