import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../../src/core/errors.ts';
import type { ResponseSink } from '../../../src/core/message.ts';
import {
  FLAG,
  FRAME,
  frame,
  FrameConnection,
  literals,
} from '../../support/clients/http2-frames.ts';
import { startListening, until } from '../../support/gateway/listening.ts';

const GET = literals([
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.example'],
  [':path', '/'],
]);

for (const [what, length] of [
  ['of known length', 10],
  ['of unknown length', undefined],
] as const) {
  test(`a response ${what} that is given up while it rests is reset, and never ended`, async () => {
    await using gateway = await startListening();
    const sinks: ResponseSink[] = [];
    gateway.handler.respond = (_request, sink) => {
      sinks.push(sink);
      sink.head(200, [], { length });
      sink.data(Buffer.from('half'));
    };
    using client = await FrameConnection.open(gateway);

    client.send(frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, GET));
    await until(() => client.has(FRAME.data, 1), 'half of it');
    sinks[0]!.abort(new GatewayError('upstream_reset'));
    await client.over(1);

    const ended = client.frames.filter(
      ({ type, flags }) => type === FRAME.data && (flags & FLAG.endStream) !== 0,
    );
    assert.equal(ended.length, 0);
    assert.ok(client.has(FRAME.reset, 1));
  });
}
