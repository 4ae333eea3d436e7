import type { Duplex } from 'node:stream';
import { ResponseReader } from './response-reader.ts';

export interface StreamExchange {
  /** Octets the backend is asked for. */
  readonly bodyOctets: number;
  /** Octets sent to it as the request's body. Default: none. */
  readonly uploadOctets?: number;
  readonly limitMs: number;
}

const CHUNK = Buffer.alloc(65_536, 0x62);

/**
 * One request over a fresh stream, and its end: resolves when the response is complete and the stream is
 * closed. Rejects, and destroys the stream, on anything else.
 */
export async function exchangeOver(stream: Duplex, exchange: StreamExchange): Promise<void> {
  const limit = setTimeout(
    () => stream.destroy(new Error(`not done in ${exchange.limitMs} ms`)),
    exchange.limitMs,
  );
  try {
    const closed = closeOf(stream);
    // Handled below; a failure while the response is awaited must not count as unhandled.
    closed.catch(() => {});
    const answered = answerOf(stream, exchange.bodyOctets);
    send(stream, exchange);
    if (!(await Promise.race([answered, closed]))) throw new Error('closed early');
    stream.end();
    await closed;
  } finally {
    clearTimeout(limit);
    stream.destroy();
  }
}

/** False: the response was not what ended first. */
function closeOf(stream: Duplex): Promise<false> {
  const { promise, resolve, reject } = Promise.withResolvers<false>();
  stream.once('error', reject);
  stream.once('close', () => resolve(false));
  return promise;
}

function answerOf(stream: Duplex, bodyOctets: number): Promise<true> {
  const reader = new ResponseReader(bodyOctets);
  const { promise, resolve, reject } = Promise.withResolvers<true>();
  stream.on('data', (chunk: Buffer) => {
    try {
      if (reader.push(chunk)) resolve(true);
    } catch (error) {
      reject(error);
    }
  });
  return promise;
}

function send(stream: Duplex, { bodyOctets, uploadOctets = 0 }: StreamExchange): void {
  const method = uploadOctets === 0 ? 'GET' : 'POST';
  const length = uploadOctets === 0 ? '' : `Content-Length: ${uploadOctets}\r\n`;
  stream.write(`${method} /${bodyOctets} HTTP/1.1\r\nHost: bench.test\r\n${length}\r\n`);
  let left = uploadOctets;
  const more = (): void => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
      left -= chunk.length;
      if (!stream.write(chunk)) break;
    }
    if (left > 0) stream.once('drain', more);
  };
  more();
}
