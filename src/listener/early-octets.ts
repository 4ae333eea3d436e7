import type { Socket } from 'node:net';
import type { DropReason } from '../core/drop.ts';
import type { RosterEntry } from '../core/roster.ts';
import type { ListenerContext } from './context.ts';
import type { Swept } from './sweep.ts';

export interface EarlyConnection {
  readonly socket: Socket;
  /** Of the peer. */
  readonly address: string;
  readonly acceptedAtMs: number;
  readonly context: ListenerContext;
}

/** What it is called when the octets do not come. */
export interface EarlyReasons {
  readonly gone: DropReason;
  readonly late: DropReason;
}

/** A connection before it is known what it is, under the deadline of a handshake: its first octets are gathered. */
export abstract class EarlyOctets implements Swept {
  protected readonly connection: EarlyConnection;
  readonly #reasons: EarlyReasons;
  readonly #entry: RosterEntry;
  readonly #onGone = (): void => this.fail(this.#reasons.gone);
  readonly #onData = (chunk: Buffer): void => {
    const octets = this.#octets === undefined ? chunk : Buffer.concat([this.#octets, chunk]);
    this.#octets = octets;
    this.judge(octets);
  };
  #octets: Buffer | undefined;

  constructor(connection: EarlyConnection, reasons: EarlyReasons) {
    this.connection = connection;
    this.#reasons = reasons;
    this.#entry = connection.context.sweeper.add(this);
  }

  start(): void {
    const { socket } = this.connection;
    socket.on('close', this.#onGone);
    socket.on('end', this.#onGone);
    socket.on('data', this.#onData);
  }

  sweep(nowMs: number): void {
    const { acceptedAtMs, context } = this.connection;
    if (nowMs - acceptedAtMs >= context.config.client.handshakeMs) this.fail(this.#reasons.late);
  }

  /** Gets all that came so far, each time that some came, until `handOver` or `fail`. */
  protected abstract judge(octets: Buffer): void;

  /** Stops, and puts `rest` back; the socket is paused then. */
  protected handOver(rest: Buffer): void {
    const { socket } = this.connection;
    this.#stop();
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
  }

  protected fail(reason: DropReason): void {
    const { socket, address, context } = this.connection;
    this.#stop();
    context.onDrop(reason, address);
    socket.destroy();
  }

  #stop(): void {
    const { socket } = this.connection;
    this.#octets = undefined;
    this.#entry.remove();
    socket.off('close', this.#onGone);
    socket.off('end', this.#onGone);
    socket.off('data', this.#onData);
  }
}
