import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { PacedFlow } from './paced-flow.ts';

/** What one end of a splice says, as the other end may have it. */
export interface ReadingEnd {
  /** Adding a 'data' listener does not resume a stream that was paused explicitly, so `start` does. */
  start(onData: (chunk: Uint8Array) => void, onEnd: () => void): void;
  pause(): void;
  resume(): void;
  /** Octets that were read have not been handed on. */
  readonly isWaiting: boolean;
  stop(): void;
}

/** `bytesPerSecond`: of a route's `limits.bandwidth`; undefined: as fast as the ends are. */
export function readingEnd(
  stream: Duplex,
  bytesPerSecond: number | undefined,
  clock: Clock,
): ReadingEnd {
  return bytesPerSecond === undefined ? directly(stream) : paced(stream, bytesPerSecond, clock);
}

function directly(stream: Duplex): ReadingEnd {
  return {
    start(onData, onEnd) {
      stream.on('data', onData).on('end', onEnd).resume();
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    isWaiting: false,
    stop() {},
  };
}

function paced(source: Duplex, bytesPerSecond: number, clock: Clock): ReadingEnd {
  let deliver: (chunk: Uint8Array) => void = () => {};
  const flow = new PacedFlow({
    bytesPerSecond,
    clock,
    source,
    deliver: (chunk) => deliver(chunk),
  });
  return {
    start(onData, onEnd) {
      deliver = onData;
      source.on('data', (chunk: Buffer) => flow.data(chunk));
      source.on('end', () => flow.end(onEnd)).resume();
    },
    pause: () => flow.hold(),
    resume: () => flow.release(),
    get isWaiting() {
      return flow.isWaiting;
    },
    stop: () => flow.stop(),
  };
}
