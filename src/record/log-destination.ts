import { pino } from 'pino';
import type { DestinationStream } from 'pino';

/** A buffered place for lines, with an end. */
export interface LogDestination extends DestinationStream {
  /** Writes what is buffered. Synchronous: for the end of the process. */
  flushSync(): void;
}

/** Lines are written together once they fill this, in UTF-16 units; a write of its own was the dearest part of a line. */
const CHUNK_LENGTH = 16 * 1024;
/** A quiet gateway's lines are on disk after this at the latest. */
const FLUSH_EVERY_MS = 1000;
/** A reader that stalls costs lines, not memory: beyond this they are dropped. */
const MAX_BUFFER_BYTES = 8 * 1024 * 1024;

/** A file descriptor, buffered: for access lines. `onDrop` is told of each line that found no room. */
export function bufferedDestination(fd: number, onDrop: () => void): LogDestination {
  const sonic = pino.destination({ fd, sync: false, maxLength: MAX_BUFFER_BYTES });
  sonic.on('drop', (chunk: string) => {
    for (const character of chunk) if (character === '\n') onDrop();
  });
  // A closed pipe must not take the gateway down; what cannot be written is lost.
  sonic.on('error', onDrop);
  return new ChunkedLines(sonic);
}

/** Hands lines on by the chunk: sonic-boom measures all that it holds at each write, so it gets few of them. */
class ChunkedLines implements LogDestination {
  readonly #next: LogDestination;
  #chunk = '';

  constructor(next: LogDestination) {
    this.#next = next;
    setInterval(() => this.#pass(), FLUSH_EVERY_MS).unref();
    // Of a crash, too, which flushes nothing else.
    process.once('exit', () => this.#flushLast());
  }

  write(line: string): void {
    this.#chunk += line;
    if (this.#chunk.length >= CHUNK_LENGTH) this.#pass();
  }

  flushSync(): void {
    this.#pass();
    this.#next.flushSync();
  }

  /** The exit code is that of what ended the process, whatever becomes of its lines. */
  #flushLast(): void {
    try {
      this.flushSync();
    } catch {
      // Closed already, or the disk is full.
    }
  }

  #pass(): void {
    if (this.#chunk === '') return;
    const chunk = this.#chunk;
    this.#chunk = '';
    this.#next.write(chunk);
  }
}

/** A file descriptor, line by line: for the system log, where the last line before an end matters. */
export function directDestination(fd: number): LogDestination {
  const sonic = pino.destination({ fd, sync: true });
  sonic.on('error', ignore);
  return sonic;
}

function ignore(): void {}
