import type { IncomingMessage } from 'node:http';
import type { ClientHttp2Stream } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { http2To, secureTo, type Reachable } from './gateway-clients.ts';
import { digestOf, type Digest } from '../tools/pseudo-random.ts';

const HOST = 'app.example.test';

export interface BulkClient {
  /** The digest of what the application got. */
  up(body: Readable, bytes: number): Promise<Digest>;
  down(path: string): Promise<Digest>;
}

/** A connection per request. */
export function http1Client(gateway: Reachable): BulkClient {
  return {
    async up(body, bytes) {
      const response = await http1(gateway, '/up', { method: 'POST', bytes, body });
      return (await json(response)) as Digest;
    },
    async down(path) {
      return digestOf(await http1(gateway, path));
    },
  };
}

/** A session per request. */
export function http2Client(gateway: Reachable): BulkClient {
  return {
    async up(body, bytes) {
      return withStream(gateway, { ':method': 'POST', ':path': '/up' }, async (stream) => {
        stream.on('error', () => {});
        await pipeline(body, stream, { end: true });
        const digest = (await json(stream)) as Digest;
        if (digest.bytes !== bytes) throw new Error(`${digest.bytes} of ${bytes} octets arrived`);
        return digest;
      });
    },
    async down(path) {
      return withStream(gateway, { ':path': path }, (stream) => digestOf(stream));
    },
  };
}

export interface Http1Request {
  readonly method?: string;
  readonly bytes?: number;
  readonly body?: Readable;
}

/** Resolves at the response head; octets wait until they are read. */
export async function http1(
  gateway: Reachable,
  path: string,
  { method = 'GET', bytes, body }: Http1Request = {},
): Promise<IncomingMessage> {
  const socket = await secureTo(gateway);
  const options: RequestOptions = {
    method,
    path,
    headers: { host: HOST, ...(bytes === undefined ? {} : { 'content-length': bytes }) },
    createConnection: () => socket,
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(options, resolve);
    outgoing.on('error', reject);
    if (body === undefined) outgoing.end();
    else pipeline(body, outgoing).catch(reject);
  });
}

async function withStream<T>(
  gateway: Reachable,
  headers: Readonly<Record<string, string>>,
  use: (stream: ClientHttp2Stream) => Promise<T>,
): Promise<T> {
  const session = await http2To(gateway);
  try {
    return await use(session.request({ ...headers, ':authority': HOST }));
  } finally {
    session.destroy();
  }
}
