import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';
import { answerTo } from './exchange.ts';

/** First octet of a TLS record with a ClientHello: the client of a passthrough route. */
const TLS_HANDSHAKE = 22;

/**
 * The application of every kind of traffic at one address: how a connection begins says what it speaks.
 * HTTP/1.1 with WebSocket, HTTP/2 by prior knowledge, and an echo for what begins as TLS.
 */
export class TrafficApplication implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #http = createHttp({ keepAliveTimeout: 60_000, requestTimeout: 0 });
  readonly #h2 = createHttp2();

  private constructor() {
    const webSockets = new WebSocketServer({ noServer: true });
    this.#http.on('request', (request, response) => void answerHttp(request, response));
    this.#http.on('upgrade', (request, socket, head) => {
      webSockets.handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => client.terminate());
        client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
      });
    });
    this.#h2.on('stream', (stream, headers) => {
      void answerHttp2(stream as ServerHttp2Stream, headers);
    });
    this.#h2.on('sessionError', () => {});
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  static async start(): Promise<TrafficApplication> {
    const application = new TrafficApplication();
    await new Promise<void>((resolve) => application.#server.listen(0, '127.0.0.1', resolve));
    return application;
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) return void socket.pipe(socket);
      if (first.toString('latin1', 0, 3) === 'PRI') return void this.#h2.emit('connection', socket);
      this.#http.emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  }
}

async function answerHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on('error', () => {});
  try {
    const body = await buffer(request);
    response.end(answerOf(request.headers, request.url, body));
  } catch {
    // The request was cut; whoever cut it knows.
    response.destroy();
  }
}

/** Says the nonce again in the trailers. */
async function answerHttp2(stream: ServerHttp2Stream, headers: Headers): Promise<void> {
  stream.on('error', () => {});
  try {
    const body = await buffer(stream);
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ nonce: String(headers['nonce']) }));
    stream.end(answerOf(headers, headers[':path'] as string, body));
  } catch {
    stream.destroy();
  }
}

type Headers = Readonly<Record<string, unknown>>;

function answerOf(headers: Headers, path: string | undefined, body: Buffer): string {
  const size = Number(path?.slice(1) ?? 0);
  return answerTo(String(headers['nonce']), size, body.length === 0 ? undefined : body);
}
