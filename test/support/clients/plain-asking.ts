import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';

export interface PlainAsking {
  readonly port: number;
  readonly host: string;
  readonly version: '1.1' | '2';
  readonly path?: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Of the loopback. Default 127.0.0.1. */
  readonly from?: string;
  /** Before the first octet of HTTP. */
  readonly before?: Uint8Array;
}

export interface PlainAnswer {
  /** NaN: closed without an answer. */
  readonly status: number;
  /** By name in lower case. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One GET without TLS, over HTTP/1.1 or over HTTP/2 with prior knowledge. */
export function askPlainly(asking: PlainAsking): Promise<PlainAnswer> {
  const { port, from = '127.0.0.1', before, version } = asking;
  const socket = connect({ host: '127.0.0.1', port, localAddress: from });
  socket.on('error', () => {});
  if (before !== undefined) socket.write(before);
  return version === '2' ? overHttp2(socket, asking) : overHttp1(socket, asking);
}

async function overHttp1(socket: Socket, { host, path = '/', fields = [] }: PlainAsking) {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines}\r\n`);
  const answer = await textOf(socket);
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [first = '', ...named] = head.split('\r\n');
  const pairs = named.map((line) => line.split(/: (.*)/s) as [string, string]);
  return {
    status: Number(first.split(' ')[1]),
    fields: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
    body: rest.join('\r\n\r\n'),
  };
}

async function overHttp2(socket: Socket, { host, path = '/', fields = [] }: PlainAsking) {
  const session = connectHttp2(`http://${host}`, { createConnection: () => socket });
  session.on('error', () => {});
  const head = [':method', 'GET', ':scheme', 'http', ':authority', host, ':path', path];
  const stream = session.request([...head, ...fields.flat()], { endStream: true });
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.once('close', resolve));
  let received: Record<string, unknown> = {};
  stream.once('response', (named) => (received = named));
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await closed;
  session.destroy();
  return {
    status: Number(received[':status']),
    fields: received as Record<string, string>,
    body: Buffer.concat(chunks).toString(),
  };
}
