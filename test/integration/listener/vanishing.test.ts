import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import type { InboundRequest, ResponseSink } from '../../../src/core/message.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { Http2Client } from '../../support/clients/http2-client.ts';
import { RawClient, startListening, until } from '../../support/gateway/listening.ts';

/** In whatever state a client vanishes, its exchange learns it, once. */
const CONNECTIONS = 8;
const STREAMS = 8;
const BODY = 65_536;

type State = (request: InboundRequest, sink: ResponseSink) => void;

const STATES: Readonly<Record<string, State>> = {
  'before the response': () => {},
  'while its body is read': (request) => consume(request),
  'while its body is paused': (request) => {
    consume(request);
    request.body.pause();
  },
  'within a response that waits for upstream': (_request, sink) => {
    sink.head(200, [], { length: undefined });
    sink.data(Buffer.alloc(BODY));
  },
  'within a response it does not read': (_request, sink) => {
    sink.head(200, [], { length: undefined });
    const fill = (): void => {
      while (!sink.isClosed && sink.data(Buffer.alloc(BODY)));
    };
    sink.onDrain(fill);
    fill();
  },
};

function consume(request: InboundRequest): void {
  request.body.consume({ data: () => {}, end: () => {}, fail: () => {} });
}

for (const [name, state] of Object.entries(STATES)) {
  test(`HTTP/2 clients that vanish ${name} leave nothing behind`, async () => {
    const clock = new FakeClock();
    await using gateway = await startListening({ clock });
    const errors: (GatewayError | undefined)[] = [];
    gateway.handler.respond = (request, sink) => {
      sink.onClose((error) => errors.push(error));
      state(request, sink);
    };
    const opened = Array.from({ length: CONNECTIONS }, () => Http2Client.open(gateway));
    const clients = await Promise.all(opened);
    const post = [':method', 'POST', ':scheme', 'https', ':authority', 'a.example', ':path', '/'];
    for (const client of clients) {
      for (let i = 0; i < STREAMS; i += 1) client.stream(post, 'x'.repeat(BODY)).pause();
    }
    const all = CONNECTIONS * STREAMS;
    await until(() => gateway.handler.handled.length === all, 'all handled');

    for (const client of clients) client.session.socket.destroy();
    await until(() => errors.length === all, `${errors.length} of ${all} told`);
    await until(() => gateway.listener.stats.openConnections === 0, 'all connections gone');

    assert.ok(errors.every((error) => error?.code === 'client_gone'));
  });

  test(`HTTP/1.1 clients that vanish ${name} leave nothing behind`, async () => {
    const clock = new FakeClock();
    await using gateway = await startListening({ clock });
    const errors: (GatewayError | undefined)[] = [];
    gateway.handler.respond = (request, sink) => {
      sink.onClose((error) => errors.push(error));
      state(request, sink);
    };
    const opened = Array.from({ length: CONNECTIONS }, () => RawClient.secure(gateway));
    const clients = await Promise.all(opened);
    const head = 'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 65540\r\n\r\n';
    for (const client of clients) {
      client.socket.pause();
      client.write(head + 'x'.repeat(BODY));
    }
    await until(() => gateway.handler.handled.length === CONNECTIONS, 'all handled');

    for (const client of clients) client.socket.destroy();
    const timer = setInterval(() => clock.advance(1_000), 10);
    await until(() => errors.length === CONNECTIONS, `all of ${CONNECTIONS} told`);
    clearInterval(timer);
    await until(() => gateway.listener.stats.openConnections === 0, 'all connections gone');

    assert.ok(errors.every((error) => error?.code === 'client_gone'));
  });
}
