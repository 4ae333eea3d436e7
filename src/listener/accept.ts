import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { bindMessage } from '../core/bind-message.ts';
import { GatewayError } from '../core/errors.ts';
import { addressKey } from '../core/address-key.ts';
import type { ListenAddress } from '../policy/snapshot/snapshot.ts';
import type { ListenerContext } from './context.ts';

/** Connections the kernel holds before we accept them; the kernel's own ceiling may be lower. */
const BACKLOG = 1_024;
/** A peer that lost power is found by TCP itself, also while nothing is to be written. */
const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Counts open connections over all ports together and per client address. Both ceilings are
 * read afresh, so a reload applies to the next connection.
 */
export class ConnectionCeilings {
  readonly #context: ListenerContext;
  readonly #perAddress = new Map<string, number>();

  constructor(context: ListenerContext) {
    this.#context = context;
  }

  /** Of all. False: the socket was closed at once. True: it counts until it closes. */
  admit(socket: Socket): boolean {
    const { stats, config } = this.#context;
    if (stats.openConnections >= config.limits.connections) {
      return this.#refuse(socket, 'total_ceiling', socket.remoteAddress ?? '');
    }
    stats.openConnections += 1;
    socket.once('close', () => (stats.openConnections -= 1));
    return true;
  }

  /** Of one client, when its address is known. The same answers. */
  admitAddress(socket: Socket, address: string): boolean {
    const { config } = this.#context;
    const key = addressKey(address);
    const open = this.#perAddress.get(key) ?? 0;
    if (open >= config.limits.perClientAddress.connections) {
      return this.#refuse(socket, 'address_ceiling', address);
    }
    this.#perAddress.set(key, open + 1);
    socket.once('close', () => this.#release(key));
    return true;
  }

  #refuse(socket: Socket, reason: 'total_ceiling' | 'address_ceiling', address: string): false {
    this.#context.onDrop(reason, address);
    socket.destroy();
    return false;
  }

  #release(key: string): void {
    const left = (this.#perAddress.get(key) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(key);
    else this.#perAddress.set(key, left);
  }
}

/** One listening port. Sockets that the ceiling of all admits go to `onSocket`. */
export class Port {
  readonly #server: Server;

  constructor(ceilings: ConnectionCeilings, onSocket: (socket: Socket) => void) {
    this.#server = createServer(
      {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      },
      (socket) => {
        // a socket without a listener for errors would end the process.
        socket.on('error', () => {});
        if (ceilings.admit(socket)) onSocket(socket);
      },
    );
  }

  /** Resolves with the bound address. Throws with the address and what to change when it cannot be bound. */
  listen(address: ListenAddress, policyKey: string): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
    const onError = (cause: NodeJS.ErrnoException): void => {
      reject(
        new GatewayError('internal', { detail: bindMessage(address, policyKey, cause), cause }),
      );
    };
    this.#server.once('error', onError);
    this.#server.listen({ ...hostOf(address), port: address.port, backlog: BACKLOG }, () => {
      this.#server.off('error', onError);
      // Accept errors, such as too many open files, pass; the next connection is tried afresh.
      this.#server.on('error', () => {});
      resolve(this.#server.address() as AddressInfo);
    });
    return promise;
  }

  /** Connections that are open go on. */
  stop(): void {
    if (this.#server.listening) this.#server.close();
  }
}

function hostOf(address: ListenAddress): { host?: string } {
  return address.address === undefined ? {} : { host: address.address };
}
