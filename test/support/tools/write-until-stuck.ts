import type { Duplex } from 'node:stream';

/** One octet window of a lane, and what sockets and buffers of the two hops may hold besides. */
export const MOST_BUFFERED_BYTES = 1_042_432 + 12_000_000;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** Writes while the stream takes octets; stuck is a write without a drain for a while. */
export async function writeUntilStuck(
  stream: Pick<Duplex, 'write' | 'once' | 'off'>,
): Promise<number> {
  let written = 0;
  while (written < MOST_BUFFERED_BYTES) {
    written += CHUNK.length;
    if (!stream.write(CHUNK) && !(await drains(stream))) break;
  }
  return written;
}

function drains(stream: Pick<Duplex, 'once' | 'off'>): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (value: boolean): void => {
      clearTimeout(timer);
      stream.off('drain', drained);
      resolve(value);
    };
    const drained = (): void => finish(true);
    // Nothing tells that a stream is stuck, so the lack of progress must be timed.
    const timer = setTimeout(() => finish(false), 400);
    stream.once('drain', drained);
  });
}
