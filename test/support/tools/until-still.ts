import type { Socket } from 'node:net';
import { waitUntil } from './wait-until.ts';

/** More than all buffers between two ends hold together. */
export const OFFERED_BYTES = 64 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const STILL_MS = 500;
const LIMIT_MS = 20_000;

/** Writes as much as is taken, up to `OFFERED_BYTES`. */
export function writeAll(socket: Socket): void {
  let left = OFFERED_BYTES;
  const write = (): void => {
    while (left > 0) {
      left -= CHUNK.length;
      if (!socket.write(CHUNK)) return;
    }
  };
  socket.on('drain', write);
  write();
}

/** Polls until the number stays the same for half a second: back-pressure has reached where it comes from. */
export async function untilStill(value: () => number): Promise<number> {
  let last = Number.NaN;
  let sinceMs = performance.now();
  const isStill = (): boolean => {
    if (value() !== last) sinceMs = performance.now();
    last = value();
    return performance.now() - sinceMs > STILL_MS;
  };
  await waitUntil('nothing moves any more', isStill, LIMIT_MS);
  return last;
}
