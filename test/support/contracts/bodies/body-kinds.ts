import { connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { LimitedBody } from '../../../../src/forward/limited-body.ts';
import type { BodySource, InboundRequest, ResponseSink } from '../../../../src/core/message.ts';
import { startListening, type Listening } from '../../gateway/listening.ts';

/** The client that sends the body. */
export interface BodyClient {
  send(chunk: Buffer | string): void;
  end(trailers?: Readonly<Record<string, string>>): void;
  /** Its connection is gone amid the body. */
  vanish(): void;
}

export interface BodyUnderTest extends AsyncDisposable {
  readonly body: BodySource;
  readonly sink: ResponseSink;
  readonly client: BodyClient;
}

export interface BodyTraits {
  /** It has lengths and trailers, and an end that differs from a client that goes. */
  readonly isFramed: boolean;
}

export interface BodyKind {
  readonly name: string;
  readonly traits: BodyTraits;
  /** `length` undefined: not announced. */
  readonly open: (length: number | undefined) => Promise<BodyUnderTest>;
}

/** Every `BodySource` that a request goes through, behind a real listener. */
export const BODY_KINDS: readonly BodyKind[] = [
  { name: 'Http1Body', traits: { isFramed: true }, open: (length) => over(http1Client, length) },
  { name: 'Http2Body', traits: { isFramed: true }, open: (length) => over(http2Client, length) },
  {
    name: 'UpgradedBody',
    traits: { isFramed: false },
    open: () => over(upgradedClient, undefined),
  },
  {
    name: 'LimitedBody over Http1Body',
    traits: { isFramed: true },
    open: async (length) => {
      const under = await over(http1Client, length);
      const options = { limitBytes: Infinity, onBytes() {}, filterTrailers: <T>(all: T) => all };
      return { ...under, body: new LimitedBody(under.body, options) };
    },
  },
];

const NAMED = { servername: 'a.example', rejectUnauthorized: false };

type Connect = (to: Listening, length: number | undefined) => BodyClient;

async function over(connectTo: Connect, length: number | undefined): Promise<BodyUnderTest> {
  const listening = await startListening();
  const { promise, resolve } = Promise.withResolvers<[InboundRequest, ResponseSink]>();
  listening.handler.respond = (request, sink) => resolve([request, sink]);
  const client = connectTo(listening, length);
  const [{ body, upgrade }, sink] = await promise;
  if (upgrade !== undefined) sink.head(101, [], { length: undefined });
  return {
    body,
    sink,
    client,
    async [Symbol.asyncDispose]() {
      client.vanish();
      await listening[Symbol.asyncDispose]();
    },
  };
}

function http1Client({ port }: Listening, length: number | undefined): BodyClient {
  const framing = length === undefined ? { trailer: 'x-sum' } : { 'content-length': length };
  const sent = httpsRequest({
    ...NAMED,
    host: '127.0.0.1',
    port,
    method: 'POST',
    agent: false,
    headers: { host: 'a.example', ...framing },
  });
  sent.on('error', () => {}).flushHeaders();
  return {
    send: (chunk) => void sent.write(chunk),
    end(trailers = {}) {
      if (length === undefined) sent.addTrailers(trailers);
      sent.end();
    },
    vanish: () => sent.destroy(),
  };
}

function http2Client({ port }: Listening, length: number | undefined): BodyClient {
  const session = connect(`https://127.0.0.1:${port}`, NAMED);
  let trailers: Readonly<Record<string, string>> = {};
  const stream = session.request(
    {
      ':method': 'POST',
      ':authority': 'a.example',
      ...(length === undefined ? {} : { 'content-length': length }),
    },
    { endStream: length === 0, waitForTrailers: true },
  );
  session.on('error', () => {});
  stream.on('error', () => {}).on('wantTrailers', () => stream.sendTrailers(trailers));
  return {
    send: (chunk) => void stream.write(chunk),
    end(last = {}) {
      trailers = last;
      if (length !== 0) stream.end();
    },
    vanish: () => session.destroy(),
  };
}

function upgradedClient({ port }: Listening): BodyClient {
  const sent = httpsRequest({
    ...NAMED,
    host: '127.0.0.1',
    port,
    agent: false,
    headers: { host: 'a.example', connection: 'upgrade', upgrade: 'websocket' },
  });
  const switched = new Promise<Duplex>((resolve) => {
    sent.on('upgrade', (_response, socket) => resolve(socket.on('error', () => {})));
  });
  sent.on('error', () => {}).end();
  return {
    send: (chunk) => void switched.then((socket) => socket.write(chunk)),
    end: () => void switched.then((socket) => socket.end()),
    vanish() {
      sent.destroy();
      sent.socket?.destroy();
    },
  };
}
