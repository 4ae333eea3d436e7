import type { Socket } from 'node:net';
import type { DropReason } from '../../core/drop.ts';
import type { RosterEntry } from '../../core/roster.ts';
import { parseClientHello, type ClientHello } from './client-hello.ts';
import type { ListenerContext } from '../context.ts';
import type { Accepted } from '../entrance.ts';
import type { Swept } from '../sweep.ts';

/** A fatal alert in a plain record, as it is sent before any key exists (RFC 8446 6.2). */
const ALERTS = {
  unknown_server_name: alert(112),
  no_application_protocol: alert(120),
  malformed_hello: alert(50),
} as const;

function alert(description: number): Buffer {
  return Buffer.from([21, 3, 3, 0, 2, 2, description]);
}

export interface HandshakeEvents {
  onHello(hello: ClientHello): void;
  onClose(): void;
}

/** One connection from accept to the end of its handshake, under one deadline. */
export class Handshake implements Swept {
  readonly accepted: Accepted;
  readonly socket: Socket;
  readonly key: string;
  hello: ClientHello | undefined;
  readonly #context: ListenerContext;
  readonly #events: HandshakeEvents;
  readonly #startedAtMs: number;
  readonly #address: string;
  readonly #entry: RosterEntry;
  readonly #onEnd = (): void => void this.socket.destroy();
  readonly #onClose = (): void => this.fail('handshake_gone');
  #octets: Buffer | undefined;
  #isOver = false;

  constructor(accepted: Accepted, context: ListenerContext, events: HandshakeEvents) {
    const { socket, address, acceptedAtMs } = accepted;
    this.accepted = accepted;
    this.socket = socket;
    this.key = endpointsOf(socket);
    this.#address = address;
    this.#context = context;
    this.#events = events;
    this.#startedAtMs = acceptedAtMs;
    this.#entry = context.sweeper.add(this);
    socket.on('close', this.#onClose);
    socket.on('end', this.#onEnd);
    socket.on('data', this.#onData);
  }

  sweep(nowMs: number): void {
    if (nowMs - this.#startedAtMs >= this.#context.config.client.handshakeMs)
      this.fail('handshake_timeout');
  }

  succeed(): void {
    this.#finish();
  }

  /** `detail` is what TLS said. */
  fail(reason: DropReason, detail?: string): void {
    if (this.#isOver) return;
    this.#finish();
    this.#context.onDrop(reason, this.#address, detail);
    this.socket.destroy();
  }

  /** Says why with an alert, then closes. */
  refuse(reason: keyof typeof ALERTS): void {
    if (this.#isOver) return;
    this.#finish();
    this.#context.onDrop(reason, this.#address);
    this.socket.end(ALERTS[reason], () => this.socket.destroy());
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#octets = this.#octets === undefined ? chunk : Buffer.concat([this.#octets, chunk]);
    const result = parseClientHello(this.#octets);
    if (result.kind === 'hello') return this.#handOver(this.#octets, result.hello);
    if (result.kind === 'incomplete') return;
    if (result.reason === 'not_tls') this.fail('not_tls');
    else this.refuse(result.reason);
  };

  /** The octets go back to where TLS will read them first. */
  #handOver(octets: Buffer, hello: ClientHello): void {
    this.hello = hello;
    this.#stopReading();
    this.socket.pause();
    this.socket.unshift(octets);
    this.#events.onHello(hello);
  }

  #stopReading(): void {
    this.#octets = undefined;
    this.socket.off('data', this.#onData);
    this.socket.off('end', this.#onEnd);
  }

  #finish(): void {
    this.#isOver = true;
    this.#entry.remove();
    this.socket.off('close', this.#onClose);
    this.#stopReading();
    this.#events.onClose();
  }
}

/** A connection is named by its two ends; a tls.Server gives no other way back to the socket it was given. */
export function endpointsOf(socket: Socket): string {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
