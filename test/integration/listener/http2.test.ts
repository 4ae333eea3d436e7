import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import { answerOf, Http2Client } from '../../support/clients/http2-client.ts';
import {
  respondEcho,
  respondWith,
  startListening,
  until,
  within,
} from '../../support/gateway/listening.ts';

const POST = [':method', 'POST', ':scheme', 'https', ':authority', 'a.example', ':path', '/p'];

test('hands over a checked HTTP/2 request and answers it', async () => {
  await using gateway = await startListening();
  using client = await Http2Client.open(gateway);

  const answer = await client.request(['cookie', 'a=1', 'x', 'y', 'cookie', 'b=2']);

  const [request] = gateway.handler.handled;
  assert.equal(answer.status, 200);
  assert.equal(answer.body, 'ok');
  assert.ok(answer.headers['date']);
  assert.equal(request?.version, '2');
  assert.equal(request?.host, 'a.example');
  assert.equal(request?.body.length, 0);
  assert.deepEqual(request?.headers, ['x', 'y', 'cookie', 'a=1; b=2']);
});

test('pushes a body of unknown length and its trailers', async () => {
  await using gateway = await startListening();
  const trailers = Promise.withResolvers<readonly string[]>();
  gateway.handler.respond = (request, sink) =>
    request.body.consume({
      data: () => {},
      end: (fields) => {
        trailers.resolve(fields);
        sink.head(200, [], { length: undefined });
        sink.data(Buffer.from('x'));
        sink.end(['grpc-status', '0']);
      },
      fail: (error) => sink.abort(error),
    });
  using client = await Http2Client.open(gateway);

  const stream = client.session.request([...POST], { waitForTrailers: true, endStream: false });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
  stream.end('body');
  const answer = await within(answerOf(stream), 'answer');

  assert.deepEqual(await trailers.promise, ['x-sum', '7']);
  assert.equal(answer.body, 'x');
  assert.equal(answer.trailers['grpc-status'], '0');
  assert.equal(answer.resetCode, 0);
});

test('answers HEAD with the length and no body (E21)', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (_request, sink) => {
    setImmediate(() => {
      sink.head(200, [], { length: 7, bodyless: true });
      sink.end();
    });
  };
  using client = await Http2Client.open(gateway);

  const answer = await client.request(POST.with(1, 'HEAD'));

  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-length'], '7');
  assert.equal(answer.body, '');
  assert.equal(answer.resetCode, 0);
});

test('an aborted response never looks whole', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (_request, sink) => {
    sink.head(200, [], { length: undefined });
    sink.data(Buffer.from('half'));
    setImmediate(() => sink.abort(new GatewayError('upstream_reset')));
  };
  using client = await Http2Client.open(gateway);

  const answer = await client.request();

  assert.notEqual(answer.resetCode, 0);
});

test('answers before the body was read, and ends the stream without an error', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (request, sink) => {
    request.body.discard();
    respondWith(sink, Buffer.from('early'));
  };
  using client = await Http2Client.open(gateway);

  const stream = client.session.request([...POST], { endStream: false });
  stream.on('error', () => {});
  stream.write(Buffer.alloc(32_768));
  const answer = await within(answerOf(stream), 'answer');

  assert.equal(answer.body, 'early');
  assert.equal(answer.resetCode, 0);
});

test('pausing the body closes the window and resuming opens it', async () => {
  await using gateway = await startListening();
  let received = 0;
  let resume = (): void => {};
  gateway.handler.respond = (request, sink) => {
    resume = () => request.body.resume();
    request.body.consume({
      data: (chunk) => {
        received += chunk.length;
        request.body.pause();
      },
      end: () => respondWith(sink, Buffer.from(String(received))),
      fail: (error) => sink.abort(error),
    });
  };
  using client = await Http2Client.open(gateway);
  const total = 1_000_000;

  const pending = client.request(POST, 'x'.repeat(total));
  await until(() => received > 0, 'first octets');
  await new Promise((resolve) => setImmediate(resolve));
  const whilePaused = received;
  const timer = setInterval(() => resume(), 1);
  const answer = await pending.finally(() => clearInterval(timer));

  assert.ok(whilePaused <= 65_536, `${whilePaused} octets came through a paused body`);
  assert.equal(answer.body, String(total));
});

test('a reset cancels the exchange at once (R-18)', async () => {
  await using gateway = await startListening();
  const closed = Promise.withResolvers<GatewayError | undefined>();
  gateway.handler.respond = (_request, sink) => sink.onClose(closed.resolve);
  using client = await Http2Client.open(gateway);

  const stream = client.stream();
  await until(() => gateway.handler.handled.length === 1, 'the request is handled');
  stream.close(8);
  const error = await within(closed.promise, 'sink closed');

  assert.equal(error?.code, 'client_gone');
});

test('a flood of resets ends the connection, and no other (R-18)', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = () => {};
  using client = await Http2Client.open(gateway);
  using other = await Http2Client.open(gateway);
  const goaways: number[] = [];
  client.session.on('goaway', (code) => goaways.push(code));

  const isOver = (): boolean => client.session.destroyed || client.session.closed;
  for (let round = 0; round < 40 && !isOver(); round += 1) {
    const handled = gateway.handler.handled.length;
    const streams = Array.from({ length: 10 }, () => client.stream());
    await until(() => isOver() || gateway.handler.handled.length === handled + 10, 'a round');
    for (const stream of streams) stream.close(8);
  }
  await until(() => client.session.destroyed, 'the session ends');
  gateway.handler.respond = (_request, sink) => respondWith(sink, Buffer.from('alive'));

  assert.deepEqual(goaways, [11]);
  assert.ok(gateway.handler.handled.length < 400, `${gateway.handler.handled.length} handled`);
  assert.equal((await other.request()).body, 'alive');
});

test('drains in two steps: GOAWAY, then the last streams finish (F14)', async () => {
  await using gateway = await startListening();
  let finish = (): void => {};
  gateway.handler.respond = (_request, sink) => {
    finish = () => respondWith(sink, Buffer.from('last'));
  };
  using client = await Http2Client.open(gateway);
  const goaways: number[] = [];
  client.session.on('goaway', (_code, lastStream) => goaways.push(lastStream));
  const pending = client.request();
  await until(() => gateway.handler.handled.length === 1, 'the request is handled');

  gateway.listener.stopAccepting();
  gateway.listener.startClosing();
  await until(() => goaways.length > 0, 'GOAWAY');
  finish();
  const answer = await pending;
  await within(gateway.listener.closed(), 'closed');

  assert.equal(answer.body, 'last');
  assert.equal(goaways[0], 2 ** 31 - 1);
});

test('echoes a body with content-length', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = respondEcho;
  using client = await Http2Client.open(gateway);

  const answer = await client.request([...POST, 'content-length', '4'], 'body');

  assert.equal(answer.body, 'body');
});

for (const length of [undefined, '3'] as const) {
  test(`a whole answer to a request with a body of length ${length} is told as whole`, async () => {
    await using gateway = await startListening();
    const outcomes: (GatewayError | undefined)[] = [];
    gateway.handler.respond = (request, sink) => {
      sink.onClose((error) => void outcomes.push(error));
      respondEcho(request, sink);
    };
    using client = await Http2Client.open(gateway);
    const fields = length === undefined ? [] : ['content-length', length];

    const answer = await client.request([...POST, ...fields], 'abc');
    await until(() => outcomes.length > 0, 'close of the sink');

    assert.equal(answer.body, 'abc');
    assert.deepEqual(outcomes, [undefined]);
  });
}

test('an empty answer to a request still being sent arrives before the stream ends', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (request, sink) => {
    request.body.discard();
    sink.head(204, [], { length: undefined, bodyless: true });
    sink.end();
  };
  using client = await Http2Client.open(gateway);

  const stream = client.session.request([...POST], { endStream: false });
  stream.on('error', () => {});
  stream.write(Buffer.alloc(1_000));
  const answer = await within(answerOf(stream), 'answer');

  assert.equal(answer.status, 204);
  assert.equal(answer.resetCode, 0);
});

test('an empty answer with a length of zero is a whole answer', async () => {
  await using gateway = await startListening();
  gateway.handler.respond = (_request, sink) => respondWith(sink, Buffer.alloc(0));
  using client = await Http2Client.open(gateway);

  const answer = await client.request();

  assert.equal(answer.status, 200);
  assert.equal(answer.resetCode, 0);
});

test('answers 431 to a head beyond the ceiling, from a client that knows our settings', async () => {
  await using gateway = await startListening();
  using client = await Http2Client.open(gateway);
  await client.request();

  const answer = await client.request(['x', 'y'.repeat(40_000)]);
  const next = await client.request();

  assert.equal(answer.status, 431);
  assert.equal(gateway.handler.refusals[0]?.refusal.code, 'headers_too_large');
  assert.equal(next.status, 200);
});
