import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, Timer } from '../src/core/clock.ts';
import type { BackendAddress } from './connector-table.ts';
import { ROUTER_LIMITS } from './router-limits.ts';

/** What happens on the TCP connection of a connector to its application. */
export interface BackendListener {
  connected(): void;
  /** The backend is paused after each chunk until `resume`. */
  data(chunk: Buffer): void;
  /** The application ended its half. */
  ended(): void;
  /** `octets` more were handed to the kernel. */
  written(octets: number): void;
  /** Our FIN was handed to the kernel, after everything written. */
  finished(): void;
  /** Refused, reset or otherwise broken; nothing else follows. */
  failed(error: Error): void;
}

export interface BackendParts {
  readonly backend: BackendAddress;
  /** Offered in TLS, where the connector speaks it. */
  readonly alpn: string | undefined;
  readonly clock: Clock;
}

/** The connector's connection to the application: halves end by themselves, reads are pulled. */
export class BackendSocket {
  readonly #socket: Socket;
  readonly #listener: BackendListener;
  readonly #clock: Clock;
  #isReleased = false;
  #linger: Timer | undefined;

  constructor({ backend, alpn, clock }: BackendParts, listener: BackendListener) {
    this.#listener = listener;
    this.#clock = clock;
    const { host, port } = backend;
    const tcp = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#socket =
      backend.tls === undefined ? tcp : secured(tcp, { host, ca: backend.tls.ca, alpn });
    // Before TLS, if any, as a router's connector does (router-stream-protocol.md 5).
    tcp.once('connect', () => this.#tell(() => listener.connected()));
    this.#socket.on('data', (chunk: Buffer) => this.#received(chunk));
    this.#socket.once('end', () => this.#tell(() => listener.ended()));
    this.#socket.once('error', (error) => this.#tell(() => this.#fail(error)));
    this.#socket.once('close', () => this.#linger?.cancel());
    this.#socket.pause();
  }

  write(octets: Uint8Array): void {
    this.#socket.write(octets, (error) => {
      if (error === null || error === undefined) {
        this.#tell(() => this.#listener.written(octets.length));
      }
    });
  }

  end(): void {
    this.#socket.end(() => this.#tell(() => this.#listener.finished()));
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * The stream is over for the client: the application sees a plain FIN, never a reset (contract
   * section 8), so what it still sends is read and dropped for a while.
   */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#socket.end();
    this.#socket.resume();
    this.#linger = this.#clock.after(ROUTER_LIMITS.lingerMs, () => this.#socket.destroy());
  }

  #received(chunk: Buffer): void {
    if (this.#isReleased) return;
    this.#socket.pause();
    this.#listener.data(chunk);
  }

  #fail(error: Error): void {
    this.#isReleased = true;
    this.#listener.failed(error);
  }

  #tell(what: () => void): void {
    if (!this.#isReleased) what();
  }
}

interface ConnectorTls {
  readonly host: string;
  readonly ca: string;
  readonly alpn: string | undefined;
}

function secured(socket: Socket, { host, ca, alpn }: ConnectorTls): Socket {
  const options = { socket, host, ca, allowHalfOpen: true };
  const secure = connectTls(alpn === undefined ? options : { ...options, ALPNProtocols: [alpn] });
  socket.once('error', (error) => secure.destroy(error));
  return secure;
}
