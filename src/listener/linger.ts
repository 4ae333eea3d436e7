import type { Socket } from 'node:net';

/**
 * How long a client that still sends is read after its last response, so that it can read that response
 * before a reset destroys it (RFC 9112 9.6). Octets are dropped.
 */
const LINGER_MS = 2_000;

/** The end of one connection: our half first, then the rest when the client is done or time is up. */
export class Linger {
  readonly #socket: Socket;
  #untilMs: number | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isActive(): boolean {
    return this.#untilMs !== undefined;
  }

  isExpired(nowMs: number): boolean {
    return this.#untilMs !== undefined && nowMs >= this.#untilMs;
  }

  close(hasUnread: boolean, nowMs: number): void {
    const socket = this.#socket;
    if (this.isActive || socket.destroyed) return;
    this.#untilMs = nowMs + LINGER_MS;
    if (socket.readableEnded || !hasUnread) socket.once('finish', () => socket.destroy());
    else socket.once('end', () => socket.destroy());
    socket.end();
    socket.resume();
    if (socket.writableFinished && !hasUnread) socket.destroy();
  }
}
