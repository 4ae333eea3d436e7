import type { Socket } from 'node:net';
import type { ConnectionLife } from '../core/connection-life.ts';

/** A client's connection lasts as long as its socket. */
export class SocketLife implements ConnectionLife {
  readonly #socket: Pick<Socket, 'closed' | 'once'>;

  constructor(socket: Pick<Socket, 'closed' | 'once'>) {
    this.#socket = socket;
  }

  get isOver(): boolean {
    return this.#socket.closed;
  }

  onEnd(listener: () => void): void {
    this.#socket.once('close', listener);
  }
}
