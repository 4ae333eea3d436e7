import type { Socket } from 'node:net';
import { Backend } from './backend.ts';

export const FRAMINGS = ['content-length', 'chunked', 'close'] as const;
export type Framing = (typeof FRAMINGS)[number];

/** Octets of the whole body; large enough that a part of it is on the way at any time. */
export const BODY_BYTES = 4 * 1024 * 1024;

/** Where a download stands still: `nearly` has sent every octet of the body but not its end. */
export const POINTS = { start: 1, middle: BODY_BYTES / 2, nearly: BODY_BYTES } as const;
export type Point = keyof typeof POINTS;

export interface CutApplication {
  readonly backend: Backend;
  /** Of every request that arrived. */
  readonly paths: readonly string[];
}

/**
 * Answers `GET /<framing>/<point>` up to that point and then says nothing more, `/whole` whole, and
 * `/silent` not at all. With Content-Length `nearly` is one octet short: the last one would be the end.
 */
export async function startCutApplication(): Promise<CutApplication> {
  const paths: string[] = [];
  const backend = await Backend.start((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const path = text.split(' ', 2)[1]!;
        paths.push(path);
        answer(socket, path);
        text = text.slice(end + 4);
      }
    });
  });
  return { backend, paths };
}

/** Octets that a client gets before the stillness. */
export function bytesBefore(framing: Framing, point: Point): number {
  return Math.min(POINTS[point], framing === 'content-length' ? BODY_BYTES - 1 : BODY_BYTES);
}

function answer(socket: Socket, path: string): void {
  if (path === '/silent') return;
  if (path === '/whole') {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    return;
  }
  const [, framing, point] = path.split('/') as [string, Framing, Point];
  const body = Buffer.alloc(bytesBefore(framing, point), 'x');
  socket.write(`HTTP/1.1 200 OK\r\n${FRAMING_FIELDS[framing]}\r\n`);
  if (framing === 'chunked') socket.write(`${body.length.toString(16)}\r\n`);
  socket.write(body);
  if (framing === 'chunked') socket.write('\r\n');
}

const FRAMING_FIELDS: Readonly<Record<Framing, string>> = {
  'content-length': `Content-Length: ${BODY_BYTES}\r\n`,
  chunked: 'Transfer-Encoding: chunked\r\n',
  close: 'Connection: close\r\n',
};
