import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { Connector, ConnectorTable } from './connector-table.ts';
import { ROUTER_LIMITS } from './router-limits.ts';
import type { Violations } from './violations.ts';

/** Certificate of a listener, and the authority its clients must come from. All PEM. */
export interface ServerCredentials {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface TcpFrontOptions {
  readonly routingKey: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: plain TCP. */
  readonly credentials: ServerCredentials | undefined;
  readonly connectors: ConnectorTable;
  readonly violations: Violations;
}

const MUTUAL_TLS = {
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2',
  allowHalfOpen: true,
} as const;

/**
 * A router's `tcpListener`, with mutual TLS or plain: each connection is spliced to the backend of one routing
 * key. Without a connector, or when the backend refuses, the connection is closed.
 */
export class TcpFront {
  readonly #options: TcpFrontOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: TcpFrontOptions) {
    this.#options = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server =
      options.credentials === undefined
        ? createServer({ allowHalfOpen: true, noDelay: true }, accept)
        : createTlsServer({ ...options.credentials, ...MUTUAL_TLS }, accept);
    this.#server.maxConnections = ROUTER_LIMITS.maxConnections;
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
    // A failed handshake is the client's affair; the server goes on.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  get routingKey(): string {
    return this.#options.routingKey;
  }

  async listen(): Promise<number> {
    const { port, host } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and cuts what is open, without a word. */
  async kill(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    client.on('error', () => client.destroy());
    if (client instanceof TLSSocket && client.isSessionReused()) {
      this.#options.violations.add('tls-session-resumed', `tcpListener ${this.routingKey}`);
      client.destroy();
      return;
    }
    const connector = this.#options.connectors.find(this.routingKey);
    if (connector === undefined) {
      client.destroy();
      return;
    }
    this.#splice(client, this.#dial(connector));
  }

  #dial(connector: Connector): Socket {
    const { host, port } = this.#options.connectors.nextBackend(connector);
    return connect({ host, port, allowHalfOpen: true, noDelay: true });
  }

  #splice(client: Socket, backend: Socket): void {
    this.#track(backend);
    backend.on('error', () => client.destroy());
    client.once('close', () => backend.destroy());
    client.pipe(backend);
    backend.pipe(client);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
