import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { secureSocket, within, type Listening } from '../gateway/listening.ts';

export interface Http2Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** 0 for a clean end. */
  readonly resetCode: number;
}

/** A client session to the listener, negotiated by ALPN; ends with the scope. */
export class Http2Client implements Disposable {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on('error', () => {});
  }

  static async open(to: Listening): Promise<Http2Client> {
    const socket = await secureSocket(to, { ALPNProtocols: ['h2', 'http/1.1'] });
    socket.on('error', () => {});
    const authority = `https://a.example:${to.port}`;
    return new Http2Client(connect(authority, { createConnection: () => socket }));
  }

  /** Headers as raw pairs; the pseudo-fields of a GET to `/` are put before them unless given. */
  stream(headers: readonly string[] = [], body?: string): ClientHttp2Stream {
    const list = [...(headers[0]?.startsWith(':') ? [] : GET), ...headers];
    const stream = this.session.request(list, { endStream: body === undefined });
    stream.on('error', () => {});
    if (body !== undefined) stream.end(body);
    return stream;
  }

  request(headers: readonly string[] = [], body?: string): Promise<Http2Answer> {
    return within(answerOf(this.stream(headers, body)), 'answer over HTTP/2');
  }

  [Symbol.dispose](): void {
    this.session.destroy();
  }
}

const GET = [':method', 'GET', ':scheme', 'https', ':authority', 'a.example', ':path', '/'];

/** Resolves when the stream is closed, whichever way. */
export function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const { promise, resolve } = Promise.withResolvers<Http2Answer>();
  let headers: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  const chunks: Buffer[] = [];
  stream.on('response', (fields) => (headers = fields));
  stream.on('trailers', (fields) => (trailers = fields));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('close', () => {
    const status = headers[':status'] as number | undefined;
    const body = Buffer.concat(chunks).toString();
    resolve({ status, headers, trailers, body, resetCode: stream.rstCode });
  });
  return promise;
}
