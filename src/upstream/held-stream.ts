import type { Duplex } from 'node:stream';

/**
 * A connection that undici reads, and that can be held. undici's own pause works from the response head on:
 * before it, interim responses are read as fast as they come. undici reads by `read` whenever the stream is
 * readable, so a `read` that gives nothing holds it, and the stream's buffer then holds the application.
 */
export class HeldStream {
  readonly stream: Duplex;
  #isHeld = false;

  /** undici gets what `take` makes of each chunk; of one that it makes empty it hears nothing. */
  constructor(stream: Duplex, take: (chunk: Buffer) => Buffer) {
    this.stream = stream;
    const read = stream.read.bind(stream) as (size?: number) => Buffer | null;
    stream.read = (size?: number): Buffer | null => {
      while (!this.#isHeld) {
        const chunk = read(size);
        if (chunk === null) return null;
        const taken = take(chunk);
        if (taken.length > 0) return taken;
      }
      return null;
    };
  }

  hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    // Not in this turn: whoever lets go may be called by undici's parser itself.
    if (!isHeld) process.nextTick(() => this.#tell());
  }

  #tell(): void {
    const isOver = this.#isHeld || this.stream.destroyed;
    if (!isOver && this.stream.readableLength > 0) this.stream.emit('readable');
  }
}
