// A port without TLS for balancers that end it: who may connect (here), HTTP/1 or HTTP/2 (first-octets.ts), and
// whether a client had TLS (told-scheme.ts): served, or redirected (told-handler.ts).
import type { Socket } from 'node:net';
import { foldMapped } from '../../core/address-list.ts';
import type { ClientConnection } from '../../core/message.ts';
import { describeConnection, withForeignTls, withoutTls } from '../describe-connection.ts';
import type { ListenerContext } from '../context.ts';
import type { Accepted } from '../entrance.ts';
import { FirstOctets } from './first-octets.ts';

export interface PlainExits {
  readonly onHttp1: (socket: Socket, client: ClientConnection) => void;
  readonly onHttp2: (socket: Socket, client: ClientConnection) => void;
}

/** Takes accepted sockets of trusted peers to the HTTP that they speak. */
export class PlainFront {
  readonly #context: ListenerContext;
  readonly #exits: PlainExits;

  constructor(context: ListenerContext, exits: PlainExits) {
    this.#context = context;
    this.#exits = exits;
  }

  /** By the peer, who writes X-Forwarded-Proto, whatever it says of its client. False: the socket was closed at once. */
  admit(socket: Socket): boolean {
    const peer = foldMapped(socket.remoteAddress ?? '');
    if (this.#context.config.plainPeers?.has(peer) === true) return true;
    this.#context.onDrop('untrusted_peer', peer);
    socket.destroy();
    return false;
  }

  accept(accepted: Accepted): void {
    const { socket, address, acceptedAtMs } = accepted;
    const early = { socket, address, acceptedAtMs, context: this.#context };
    new FirstOctets(early, (isHttp2) => this.#serve(accepted, isHttp2)).start();
  }

  #serve(accepted: Accepted, isHttp2: boolean): void {
    const { socket } = accepted;
    const described = describeConnection(accepted);
    if (described === undefined) return void socket.destroy();
    const client = { ...withoutTls(described), toldSecure: withForeignTls(described) };
    if (isHttp2) this.#exits.onHttp2(socket, client);
    else this.#exits.onHttp1(socket, client);
  }
}
