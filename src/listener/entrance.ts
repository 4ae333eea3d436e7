import type { Socket } from 'node:net';
import { foldMapped } from '../core/address-list.ts';
import type { ConnectionCeilings } from './accept.ts';
import type { ListenerContext } from './context.ts';
import { ProxyReading } from './proxy-protocol/proxy-reading.ts';

/** An accepted socket, and whose connection it is. */
export interface Accepted {
  readonly socket: Socket;
  /** The client's: the peer's, or what a listed balancer has said. IPv4-mapped addresses are folded. */
  readonly address: string;
  readonly port: number;
  readonly peerAddress: string;
  /** Of the monotonic clock. */
  readonly acceptedAtMs: number;
}

/** Learns whose connection an accepted socket is, and counts it for that address. */
export class Entrance {
  readonly #context: ListenerContext;
  readonly #ceilings: ConnectionCeilings;

  constructor(context: ListenerContext, ceilings: ConnectionCeilings) {
    this.#context = context;
    this.#ceilings = ceilings;
  }

  /** Calls `onEntered`, at once or when the balancer has said who the client is; or closes the socket. */
  enter(socket: Socket, onEntered: (accepted: Accepted) => void): void {
    const { remoteAddress, remotePort } = socket;
    // It died between accept and here.
    if (remoteAddress === undefined || remotePort === undefined) return void socket.destroy();
    const peerAddress = foldMapped(remoteAddress);
    const acceptedAtMs = this.#context.clock.monotonicMs();
    const peer: Accepted = {
      socket,
      address: peerAddress,
      port: remotePort,
      peerAddress,
      acceptedAtMs,
    };
    if (!this.#mustSayWho(peerAddress)) return this.#admit(peer, onEntered);
    const early = { socket, address: peerAddress, acceptedAtMs, context: this.#context };
    new ProxyReading(early, (client) => this.#admit({ ...peer, ...client }, onEntered)).start();
  }

  #mustSayWho(peerAddress: string): boolean {
    const { proxyProtocol } = this.#context.config;
    return proxyProtocol !== undefined && proxyProtocol.has(peerAddress);
  }

  #admit(accepted: Accepted, onEntered: (accepted: Accepted) => void): void {
    if (this.#ceilings.admitAddress(accepted.socket, accepted.address)) onEntered(accepted);
  }
}
