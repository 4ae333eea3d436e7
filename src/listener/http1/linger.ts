import type { Socket } from 'node:net';
import { DEADLINES } from '../../core/deadlines.ts';

/**
 * The end of one connection: our half first, then the rest when the client is done or time is up. A
 * client that still sends would lose the last response to a reset (RFC 9112 9.6), so it is read on.
 */
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
    this.#untilMs = nowMs + DEADLINES.clientLingerMs;
    if (socket.readableEnded || !hasUnread) socket.once('finish', () => socket.destroy());
    else socket.once('end', () => socket.destroy());
    socket.end();
    socket.resume();
    if (socket.writableFinished && !hasUnread) socket.destroy();
  }
}
