import { request, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { ReceivedResponse, ResponseClient } from './sink-under-test.ts';

interface Answer {
  readonly message: IncomingMessage;
  readonly body: Readable;
}

/** A client of node:http on a connection of its own, with or without the wish for a WebSocket. */
export function http1Client(port: number, method: string, wish?: 'websocket'): ResponseClient {
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
  const headers = wish === undefined ? { connection: 'close' } : upgrade;
  const sent = request({ host: '127.0.0.1', port, method, headers, agent: false });
  const interim: number[] = [];
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
  sent.on('information', ({ statusCode }) => interim.push(statusCode));
  sent.on('response', (message) => resolve({ message, body: message.on('error', () => {}) }));
  sent.on('upgrade', (message, socket, first) => {
    socket.on('error', () => {}).unshift(first);
    resolve({ message, body: socket });
  });
  sent.on('error', () => resolve(undefined));
  sent.end();
  return {
    async response() {
      const answer = await promise;
      return answer === undefined ? { ...NOTHING, interim } : await received(answer, interim);
    },
    vanish() {
      sent.destroy();
      // After an upgrade node counts the request as destroyed, and leaves its socket.
      sent.socket?.destroy();
    },
  };
}

const NOTHING = {
  status: undefined,
  headers: [],
  body: Buffer.alloc(0),
  trailers: [],
  isWhole: false,
};

async function received(
  { message, body }: Answer,
  interim: readonly number[],
): Promise<ReceivedResponse> {
  const chunks: Buffer[] = [];
  body.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = body.closed
    ? body.readableEnded
    : await new Promise<boolean>((resolve) => {
        body.once('end', () => resolve(true));
        body.once('close', () => resolve(body.readableEnded));
      });
  return {
    interim,
    status: message.statusCode,
    headers: message.rawHeaders,
    body: Buffer.concat(chunks),
    trailers: message.rawTrailers,
    isWhole: ended && (message.statusCode === 101 || message.complete),
  };
}
