import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { HeaderList } from '../../../src/core/header-list.ts';
import { RespondAndRecord } from '../../../src/pipeline/respond-and-record.ts';
import { MeasuredSink } from '../../../src/pipeline/measured-sink.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

const ENDED = new GatewayError('identity_ended', { detail: 'its session was ended' });

/** A response under way at a client that takes nothing. */
function scene(request: object, head: { readonly status: number; readonly headers: HeaderList }) {
  const clock = new FakeClock();
  const calls: unknown[] = [];
  const raw = {
    head: () => {},
    data: (chunk: Uint8Array) => calls.push(Buffer.from(chunk).toString('latin1')) > 0,
    end: (trailers: HeaderList = []) => calls.push(['end', ...trailers]),
    abort: (error: GatewayError) => calls.push(['abort', error.code]),
  };
  const sink = new MeasuredSink(raw as never);
  sink.mayEndEarly(request as never);
  sink.head(head.status, head.headers, { length: undefined });
  const respondAndRecord = new RespondAndRecord({
    clock,
    recorder: {} as never,
    decisions: { refused: () => {} } as never,
    gateway: () => ({
      hsts: undefined,
      preset: undefined,
      errors: { isDetailPublic: false },
      pages: undefined,
    }),
  });
  const cut = (error: GatewayError) => respondAndRecord.cut({ request, sink } as never, error);
  return { calls, clock, cut, sink };
}

const webSocket = () =>
  scene({ version: '1.1', upgrade: 'websocket' }, { status: 101, headers: [] });
const grpc = (version: string) =>
  scene({ version }, { status: 200, headers: ['content-type', 'application/grpc+proto'] });

test('a stream that nobody reads is cut after farewellMs', () => {
  const { calls, clock, cut } = webSocket();

  cut(ENDED);
  clock.advance(DEADLINES.farewellMs - 1);
  assert.deepEqual(calls.slice(1), [['end']]);
  clock.advance(1);

  assert.deepEqual(calls.slice(1), [['end'], ['abort', 'identity_ended']]);
});

test('a WebSocket gets a Close frame with 1008 and the reason', () => {
  const { calls, cut } = webSocket();

  cut(ENDED);

  assert.equal(calls[0], '\x88\x2f\x03\xf0The login that allowed the request has ended.');
});

test('a WebSocket gets a Close frame with 1001 at the limit of a drain', () => {
  const { calls, cut } = webSocket();

  cut(new GatewayError('draining'));

  assert.equal(calls[0], '\x88\x1f\x03\xe9The gateway is shutting down.');
});

test('a gRPC stream gets UNAUTHENTICATED in its trailers', () => {
  const { calls, cut } = grpc('2');

  cut(ENDED);

  const message = 'The login that allowed the request has ended.';
  assert.deepEqual(calls, [['end', 'grpc-status', '16', 'grpc-message', message]]);
});

test('a stream in mid-message is cut', () => {
  for (const { calls, cut, sink } of [webSocket(), grpc('2')]) {
    sink.data(Buffer.from([0]));
    calls.length = 0;

    cut(ENDED);

    assert.deepEqual(calls, [['abort', 'identity_ended']]);
  }
});

test('what has no words for its end is cut, and so is every stream for another reason', () => {
  const events = scene(
    { version: '2' },
    { status: 200, headers: ['content-type', 'text/event-stream'] },
  );
  const draining = grpc('2');
  const reset = webSocket();
  const overHttp1 = grpc('1.1');

  events.cut(ENDED);
  overHttp1.cut(ENDED);
  draining.cut(new GatewayError('draining'));
  reset.cut(new GatewayError('upstream_reset'));

  assert.deepEqual(events.calls, [['abort', 'identity_ended']]);
  assert.deepEqual(overHttp1.calls, [['abort', 'identity_ended']]);
  assert.deepEqual(draining.calls, [['abort', 'draining']]);
  assert.deepEqual(reset.calls, [['abort', 'upstream_reset']]);
});
