import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FRAME, FrameConnection } from '../../support/clients/http2-frames.ts';
import { Http2Client } from '../../support/clients/http2-client.ts';
import { RawClient, startListening, until, within } from '../../support/gateway/listening.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: a.example\r\n';

test('gives up a handshake that does not begin (R-23)', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = RawClient.plain(gateway.port);
  await until(() => gateway.listener.stats.openConnections === 1, 'accepted');

  clock.advance(11_000);
  await client.ended();

  assert.equal(gateway.listener.stats.drops.handshake_timeout, 1);
});

test('gives up a handshake that stops after its first octets', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = RawClient.plain(gateway.port);
  client.write(Buffer.from([22, 3, 1, 0, 200, 1]));
  await until(() => gateway.listener.stats.openConnections === 1, 'accepted');

  clock.advance(11_000);
  await client.ended();

  assert.equal(gateway.listener.stats.drops.handshake_timeout, 1);
});

test('closes an idle connection without a word', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = await RawClient.secure(gateway);
  client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
  await client.got(/ok$/);

  clock.advance(74_000);
  assert.equal(client.isEnded, false);
  clock.advance(3_000);
  await client.ended();

  assert.deepEqual(client.statuses, [200]);
});

test('answers 408 to a head that does not end, however it dribbles', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = await RawClient.secure(gateway);

  for (let i = 0; i < 30 && !client.isEnded; i += 1) {
    client.write(i === 0 ? HEAD : `x-${i}: y\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 3));
    clock.advance(1_000);
  }
  await client.ended();

  assert.deepEqual(client.statuses, [408]);
  assert.equal(gateway.handler.refusals[0]?.refusal.code, 'request_timeout');
});

test('fails a body that is slower than the minimum rate', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  const failed = Promise.withResolvers<GatewayError>();
  gateway.handler.respond = (request, sink) =>
    request.body.consume({
      data: () => {},
      end: () => assert.fail('complete'),
      fail: (error) => {
        failed.resolve(error);
        sink.head(error.status, [], { length: 0 });
        sink.end();
      },
    });
  using client = await RawClient.secure(gateway);
  client.write(`${HEAD}Content-Length: 100000\r\n\r\nabc`);
  await until(() => gateway.handler.handled.length === 1, 'handled');

  clock.advance(12_000);
  const error = await within(failed.promise, 'the body fails');
  await client.ended();

  assert.equal(error.code, 'client_body_timeout');
  assert.deepEqual(client.statuses, [408]);
});

test('cuts a client that reads nothing of its response (R-21)', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  const closed = Promise.withResolvers<GatewayError | undefined>();
  gateway.handler.respond = (_request, sink) => {
    sink.onClose(closed.resolve);
    sink.head(200, [], { length: undefined });
    while (sink.data(Buffer.alloc(65_536)));
    sink.onDrain(() => {
      while (sink.data(Buffer.alloc(65_536)));
    });
  };
  using client = await RawClient.secure(gateway);
  client.socket.pause();
  client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
  await until(() => gateway.handler.handled.length === 1, 'handled');

  const timer = setInterval(() => clock.advance(1_000), 2);
  const error = await within(closed.promise, 'the sink closes').finally(() => clearInterval(timer));

  assert.equal(error?.code, 'client_gone');
});

test('resets a stream whose window never opens, and ends an idle session (R-21)', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  const closed = Promise.withResolvers<GatewayError | undefined>();
  gateway.handler.respond = (_request, sink) => {
    sink.onClose(closed.resolve);
    sink.head(200, [], { length: undefined });
    while (sink.data(Buffer.alloc(65_536)));
  };
  using client = await Http2Client.open(gateway);
  const stream = client.stream();
  stream.pause();
  await until(() => gateway.handler.handled.length === 1, 'handled');

  const timer = setInterval(() => clock.advance(1_000), 2);
  const error = await within(closed.promise, 'the stream is reset');
  await until(() => client.session.destroyed, 'the session ends');
  clearInterval(timer);

  assert.equal(error?.code, 'client_gone');
});

test('reads on for a moment after a refusal, then closes whatever the client does', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = RawClient.plain(gateway.httpPort);

  client.write('nonsense\r\n\r\n');
  await client.got(/malformed_request/);
  await client.ended();
  assert.equal(gateway.listener.stats.openConnections, 1);
  clock.advance(3_000);

  await until(() => gateway.listener.stats.openConnections === 0, 'the connection is gone');
});

test('ends an HTTP/2 connection whose peer ignores GOAWAY', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  const options = { allowHalfOpen: true } as object;
  using client = await FrameConnection.open(gateway, options);
  await until(() => client.has(FRAME.settings), 'settings');

  clock.advance(76_000);
  await until(() => client.has(FRAME.goaway), 'GOAWAY');
  const openAfterGoaway = gateway.listener.stats.openConnections;
  clock.advance(6_000);

  await until(() => gateway.listener.stats.openConnections === 0, 'the connection is gone');
  assert.equal(openAfterGoaway, 1);
});
