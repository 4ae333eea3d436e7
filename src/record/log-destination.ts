import { pino } from 'pino';
import type { DestinationStream } from 'pino';

/** A buffered place for lines, with an end. */
export interface LogDestination extends DestinationStream {
  /** Writes what is buffered. Synchronous: for the end of the process. */
  flushSync(): void;
}

/** Lines are written together once they fill this; a write of its own was the dearest part of a line. */
const BUFFER_BYTES = 32 * 1024;
/** A quiet gateway's lines are on disk after this at the latest. */
const FLUSH_EVERY_MS = 1000;
/** A reader that stalls costs lines, not memory: beyond this they are dropped. */
const MAX_BUFFER_BYTES = 8 * 1024 * 1024;

/** A file descriptor, buffered: for access lines. `onDrop` is told of each line that found no room. */
export function bufferedDestination(fd: number, onDrop: () => void): LogDestination {
  const sonic = pino.destination({
    fd,
    sync: false,
    minLength: BUFFER_BYTES,
    maxWrite: 2 * BUFFER_BYTES,
    maxLength: MAX_BUFFER_BYTES,
    periodicFlush: FLUSH_EVERY_MS,
  });
  sonic.on('drop', onDrop);
  // A closed pipe must not take the gateway down; what cannot be written is lost.
  sonic.on('error', onDrop);
  return sonic;
}

/** A file descriptor, line by line: for the system log, where the last line before an end matters. */
export function directDestination(fd: number): LogDestination {
  const sonic = pino.destination({ fd, sync: true });
  sonic.on('error', ignore);
  return sonic;
}

function ignore(): void {}
