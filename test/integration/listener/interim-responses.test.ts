import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import type { ResponseSink } from '../../../src/core/message.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import {
  FLAG,
  FRAME,
  frame,
  FrameConnection,
  literals,
} from '../../support/clients/http2-frames.ts';
import {
  RawClient,
  respondWith,
  startListening,
  until,
  type Listening,
} from '../../support/gateway/listening.ts';

const GET = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.example'],
  [':path', '/'],
] as const;
const LINK = ['link', 'x'.repeat(8_000)];
/** What kernel buffers and ours may take together; an application has no end of them. */
const LIMIT = 4_000;

const CLIENTS: Readonly<Record<string, (to: Listening) => Promise<RawClient | FrameConnection>>> = {
  'HTTP/1.1': async (to) => {
    const client = await RawClient.secure(to);
    client.socket.pause();
    client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
    return client;
  },
  'HTTP/2': async (to) => {
    const client = await FrameConnection.open(to);
    client.socket.pause();
    client.send(frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, literals(GET)));
    return client;
  },
};

for (const [version, open] of Object.entries(CLIENTS)) {
  test(`interim responses stop with a client of ${version} that does not read, and go on with it`, async () => {
    const clock = new FakeClock();
    await using gateway = await startListening({ clock });
    const responding = respondWithHints(gateway);
    using client = await open(gateway);

    const { sent, sink } = await responding;
    const drained = Promise.withResolvers<void>();
    sink.onDrain(drained.resolve);
    client.socket.resume();
    const timer = setInterval(() => clock.advance(1_000), 20);
    await drained.promise.finally(() => clearInterval(timer));
    respondWith(sink, Buffer.from('ok'));

    assert.ok(sent < LIMIT, `${sent} interim responses were taken`);
    await until(() => sink.isClosed, 'the response ends');
  });

  test(`more interim responses for a client of ${version} that does not read wait with one listener`, async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', note);
    await using gateway = await startListening({ clock: new FakeClock() });
    const responding = respondWithHints(gateway);
    using _client = await open(gateway);

    const { sink } = await responding;
    for (let i = 0; i < 20; i += 1) sink.informational(103, LINK);
    await new Promise(setImmediate);
    process.off('warning', note);

    assert.deepEqual(warnings, []);
  });

  test(`a client of ${version} that reads no interim response is cut after gateway.client.write`, async () => {
    const clock = new FakeClock();
    await using gateway = await startListening({ clock });
    const responding = respondWithHints(gateway);
    using client = await open(gateway);

    const { sink } = await responding;
    const closed = Promise.withResolvers<GatewayError | undefined>();
    sink.onClose(closed.resolve);
    assert.equal(client.isClosed, false);
    for (let second = 0; second < 63; second += 1) clock.advance(1_000);

    assert.equal((await closed.promise)?.code, 'client_gone');
    assert.deepEqual(
      gateway.drops.map(({ reason }) => reason),
      ['write_timeout'],
    );
  });
}

/** Resolves when the sink says that its client does not read. */
function respondWithHints(gateway: Listening): Promise<{ sent: number; sink: ResponseSink }> {
  const { promise, resolve } = Promise.withResolvers<{ sent: number; sink: ResponseSink }>();
  gateway.handler.respond = (_request, sink) => {
    let sent = 0;
    const more = (): void => {
      for (let i = 0; i < 20; i += 1) {
        sent += 1;
        if (!sink.informational(103, LINK) || sent === LIMIT) return resolve({ sent, sink });
      }
      setImmediate(more);
    };
    more();
  };
  return promise;
}
