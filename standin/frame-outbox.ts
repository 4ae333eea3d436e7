import type { Writable } from 'node:stream';

/** Gathers the frames of one turn, so that they leave in one piece (router-stream-protocol.md 14.7). */
export class FrameOutbox {
  readonly #socket: Writable;
  readonly #onFlush: () => void;
  #waiting: Uint8Array[] = [];
  #waitingOctets = 0;
  #isHeld = false;

  constructor(socket: Writable, onFlush: () => void) {
    this.#socket = socket;
    this.#onFlush = onFlush;
  }

  /** Octets that are not with the kernel yet. */
  get pendingOctets(): number {
    return this.#waitingOctets + this.#socket.writableLength;
  }

  write(octets: Uint8Array): void {
    if (this.#waiting.length === 0) process.nextTick(() => this.flush());
    this.#waiting.push(octets);
    this.#waitingOctets += octets.length;
  }

  flush(): void {
    if (this.#isHeld || this.#waiting.length === 0 || this.#socket.destroyed) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingOctets = 0;
    this.#onFlush();
    this.#socket.cork();
    for (const octets of waiting) this.#socket.write(octets);
    this.#socket.uncork();
  }

  /** Nothing leaves until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.flush();
  }
}
