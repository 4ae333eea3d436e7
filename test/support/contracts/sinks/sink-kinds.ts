import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import type { GatewayError } from '../../../../src/core/errors.ts';
import type { ResponseSink } from '../../../../src/core/message.ts';
import { Http1Sink } from '../../../../src/listener/http1/http1-sink.ts';
import { UpgradeSink } from '../../../../src/listener/http1/http1-upgrade-sink.ts';
import { RawSink } from '../../../../src/listener/http1/raw-sink.ts';
import { Http2Sink } from '../../../../src/listener/http2/http2-sink.ts';
import { MeasuredSink } from '../../../../src/pipeline/measured-sink.ts';
import { http1Client } from './http1-client.ts';
import { http2Client } from './http2-client.ts';
import type { ResponseClient, SinkKind, SinkTraits, SinkUnderTest } from './sink-under-test.ts';

type Told = (error?: GatewayError) => void;
type Take = (make: (told: Told) => ResponseSink) => void;
type Listening = Pick<Server, 'listen' | 'close' | 'address' | 'on'>;

const HTTP: SinkTraits = {
  status: 200,
  showsCuts: true,
  hasLengths: true,
  hasTrailers: true,
  hasInterim: true,
  answersHead: true,
};

/** Every `ResponseSink` that a response goes through, each over a real connection. */
export const SINK_KINDS: readonly SinkKind[] = [
  {
    name: 'Http1Sink',
    traits: HTTP,
    open: (method) => over(http1Server, (port) => http1Client(port, method)),
  },
  {
    name: 'MeasuredSink over Http1Sink',
    traits: HTTP,
    open: async (method) => {
      const under = await over(http1Server, (port) => http1Client(port, method));
      return { ...under, sink: new MeasuredSink(under.sink) };
    },
  },
  {
    name: 'Http2Sink',
    traits: HTTP,
    open: (method) => over(http2Server, (port) => http2Client(port, method)),
  },
  {
    name: 'RawSink',
    // It answers what was not understood: no stream, no HTTP/1.1 body without a length.
    traits: { ...HTTP, showsCuts: false, hasTrailers: false, hasInterim: false },
    open: (method) => over(rawServer, (port) => http1Client(port, method)),
  },
  {
    name: 'UpgradeSink before the switch',
    traits: { ...HTTP, answersHead: false },
    open: () => over(upgradeServer, (port) => http1Client(port, 'GET', 'websocket')),
  },
  {
    name: 'UpgradeSink after the switch',
    traits: {
      ...HTTP,
      status: 101,
      showsCuts: false,
      hasLengths: false,
      hasTrailers: false,
      answersHead: false,
    },
    open: () => over(upgradeServer, (port) => http1Client(port, 'GET', 'websocket')),
  },
];

async function over(
  serve: (take: Take) => Listening,
  connect: (port: number) => ResponseClient,
): Promise<SinkUnderTest> {
  const told: (GatewayError | undefined)[] = [];
  const { promise, resolve } = Promise.withResolvers<ResponseSink>();
  const server = serve((make) => resolve(make((error) => told.push(error))));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const client = connect((server.address() as AddressInfo).port);
  return {
    sink: await promise,
    client,
    told,
    async [Symbol.asyncDispose]() {
      client.vanish();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

function http1Server(take: Take): Listening {
  return createHttp((_request, response) =>
    take((told) => new Http1Sink(response, { mustClose: () => false, onClosed: told })),
  );
}

function upgradeServer(take: Take): Listening {
  return createHttp().on('upgrade', (request, stream) => {
    const socket = stream as Socket;
    // The connection does the same (`Http1Upgrade`): a client that ends its half is gone.
    socket.on('error', () => {}).on('end', () => socket.destroy());
    socket.resume();
    take((told) => new UpgradeSink(request, socket, told));
  });
}

function rawServer(take: Take): Listening {
  return createTcp((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      take(
        (told) =>
          new RawSink(socket, () => {
            told();
            socket.end();
          }),
      );
    });
  }) as unknown as Listening;
}

function http2Server(take: Take): Listening {
  const server = createHttp2();
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    take((told) => new Http2Sink(stream as ServerHttp2Stream, told));
  });
  return server as unknown as Listening;
}
