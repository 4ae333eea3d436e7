import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  RawClient,
  respondWith,
  startListening,
  until,
  within,
} from '../../support/gateway/listening.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';

test('draining ends idle connections at once and busy ones after their response', async () => {
  await using gateway = await startListening();
  let finish = (): void => {};
  gateway.handler.respond = (_request, sink) => {
    finish = () => respondWith(sink, Buffer.from('last'));
  };
  using idle = await RawClient.secure(gateway);
  using busy = await RawClient.secure(gateway);
  busy.write(GET);
  await until(() => gateway.handler.handled.length === 1, 'handled');

  gateway.listener.stopAccepting();
  gateway.listener.startClosing();
  await idle.ended();
  finish();
  await busy.ended();
  await within(gateway.listener.closed(), 'all closed');

  assert.match(busy.received, /connection: close[^]*last$/i);
});

test('destroyAll cuts what is left', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = () => {};
  using busy = await RawClient.secure(gateway);
  using handshake = RawClient.plain(gateway.port);
  busy.write(GET);
  await until(() => gateway.handler.handled.length === 1, 'handled');

  gateway.listener.destroyAll();
  await within(gateway.listener.closed(), 'all closed');
  await busy.ended();
  await handshake.ended();

  assert.equal(gateway.listener.stats.openConnections, 0);
});
