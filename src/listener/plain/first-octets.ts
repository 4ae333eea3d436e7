import type { Socket } from 'node:net';
import type { DropReason } from '../../core/drop.ts';
import type { RosterEntry } from '../../core/roster.ts';
import type { ListenerContext } from '../context.ts';
import type { Accepted } from '../entrance.ts';
import type { Swept } from '../sweep.ts';

/** RFC 9113 3.4. Whoever knows beforehand that the other end speaks HTTP/2 begins so; no request of HTTP/1 does. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface FirstOctetsOptions {
  readonly context: ListenerContext;
  /** What was read is back in the socket. Must hang its listeners on it at once. */
  readonly onKnown: (isHttp2: boolean) => void;
}

/** A plain connection until its first octets tell the version of HTTP, under the deadline of a handshake. */
export class FirstOctets implements Swept {
  readonly #socket: Socket;
  readonly #accepted: Accepted;
  readonly #options: FirstOctetsOptions;
  readonly #entry: RosterEntry;
  readonly #onGone = (): void => this.#fail('first_octets_gone');
  #octets: Buffer | undefined;

  constructor(accepted: Accepted, options: FirstOctetsOptions) {
    this.#socket = accepted.socket;
    this.#accepted = accepted;
    this.#options = options;
    this.#entry = options.context.sweeper.add(this);
  }

  start(): void {
    this.#socket.on('close', this.#onGone);
    this.#socket.on('end', this.#onGone);
    this.#socket.on('data', this.#onData);
  }

  sweep(nowMs: number): void {
    const { handshakeMs } = this.#options.context.config.client;
    if (nowMs - this.#accepted.acceptedAtMs >= handshakeMs) this.#fail('first_octets_timeout');
  }

  readonly #onData = (chunk: Buffer): void => {
    const octets = this.#octets === undefined ? chunk : Buffer.concat([this.#octets, chunk]);
    const length = Math.min(octets.length, PREFACE.length);
    const isPreface = octets.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (isPreface && length < PREFACE.length) this.#octets = octets;
    else this.#handOver(octets, isPreface);
  };

  #handOver(octets: Buffer, isHttp2: boolean): void {
    this.#stop();
    this.#socket.pause();
    this.#socket.unshift(octets);
    this.#options.onKnown(isHttp2);
    // HTTP/1 has hung its listener on a paused socket, which does not set it going; HTTP/2 takes what is there by itself.
    if (!isHttp2) this.#socket.resume();
  }

  #fail(reason: DropReason): void {
    this.#stop();
    this.#options.context.onDrop(reason, this.#accepted.address);
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
