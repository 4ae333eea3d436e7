import type { Socket } from 'node:net';
import type { DropReason } from '../../core/drop.ts';
import type { RosterEntry } from '../../core/roster.ts';
import type { ListenerContext } from '../context.ts';
import type { Swept } from '../sweep.ts';
import { parseProxyHeader } from './proxy-header.ts';
import type { ProxiedClient } from './proxy-header.ts';

export interface ProxyReadingOptions {
  readonly context: ListenerContext;
  readonly peerAddress: string;
  readonly acceptedAtMs: number;
  /** The header is read, and what came behind it is back in the socket. Must begin to read at once. */
  readonly onRead: (client: ProxiedClient | undefined) => void;
}

/** A connection of a listed balancer until its header is there, under the deadline of the handshake. */
export class ProxyReading implements Swept {
  readonly #socket: Socket;
  readonly #options: ProxyReadingOptions;
  readonly #entry: RosterEntry;
  readonly #onGone = (): void => this.#fail('proxy_header_gone');
  #octets: Buffer | undefined;

  constructor(socket: Socket, options: ProxyReadingOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#entry = options.context.sweeper.add(this);
  }

  start(): void {
    this.#socket.on('close', this.#onGone);
    this.#socket.on('end', this.#onGone);
    this.#socket.on('data', this.#onData);
  }

  sweep(nowMs: number): void {
    const { context, acceptedAtMs } = this.#options;
    if (nowMs - acceptedAtMs >= context.config.client.handshakeMs) {
      this.#fail('proxy_header_timeout');
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    const octets = this.#octets === undefined ? chunk : Buffer.concat([this.#octets, chunk]);
    const result = parseProxyHeader(octets);
    switch (result.kind) {
      case 'incomplete':
        this.#octets = octets;
        return;
      case 'header':
        return this.#handOver(octets.subarray(result.bytes), result.client);
      case 'missing':
        return this.#fail('proxy_header_missing');
      case 'malformed':
        return this.#fail('proxy_header_malformed');
    }
  };

  #handOver(rest: Buffer, client: ProxiedClient | undefined): void {
    this.#stop();
    this.#socket.pause();
    if (rest.length > 0) this.#socket.unshift(rest);
    this.#options.onRead(client);
    // Whoever reads next has hung its listener on a paused socket, which does not set it going.
    this.#socket.resume();
  }

  #fail(reason: DropReason): void {
    this.#stop();
    const { context, peerAddress } = this.#options;
    context.onDrop(reason, peerAddress);
    this.#socket.destroy();
  }

  #stop(): void {
    this.#octets = undefined;
    this.#entry.remove();
    this.#socket.off('close', this.#onGone);
    this.#socket.off('end', this.#onGone);
    this.#socket.off('data', this.#onData);
  }
}
