import { randomBytes } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '../src/core/clock.ts';
import type { ErrorValue } from '../src/network/amqp/codec/codec.ts';
import { type BackendAddress, type ConnectorBehaviour, ConnectorTable } from './connector-table.ts';
import { ContainerIds } from './container-ids.ts';
import { Dispatcher } from './dispatcher.ts';
import { ROUTER_LIMITS } from './router-limits.ts';
import { ReplyAddresses } from './reply-addresses.ts';
import { RouterConnection } from './router-connection.ts';
import { type ServerCredentials, TcpFront } from './tcp-front.ts';
import { type Violation, Violations } from './violations.ts';

export interface StandinOptions {
  readonly credentials: ServerCredentials;
  readonly clock: Clock;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. `restart` takes the same one again. */
  readonly port?: number;
  /** Container id; default a random one. */
  readonly id?: string;
  /** Role of the listener: `edge` adds address tracking, and annotations to what it sends. Default normal. */
  readonly role?: 'normal' | 'edge';
  /** Silence after which a client is closed; half of it is announced. Default 16 s. */
  readonly idleTimeoutMs?: number;
}

/**
 * A stand-in for a skupper-router, for tests and the demo; no part of the gateway. It serves the
 * wire contract of docs/router-stream-protocol.md on an AMQP listener with mutual TLS, carries streams
 * to TCP backends, notes what clients do wrong, and makes every fault of router-stream-protocol.md 11 on command.
 */
export class StandinRouter {
  readonly id: string;
  readonly #options: StandinOptions;
  readonly #connectors = new ConnectorTable();
  readonly #violations = new Violations();
  readonly #containerIds = new ContainerIds();
  readonly #dispatcher: Dispatcher;
  readonly #replies: ReplyAddresses;
  readonly #connections = new Set<RouterConnection>();
  readonly #fronts: TcpFront[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port: number;
  #nextConnectionId = 1;
  #isFrozen = false;

  constructor(options: StandinOptions) {
    this.#options = options;
    this.id = options.id ?? `standin-${randomBytes(3).toString('hex')}`;
    this.#port = options.port ?? 0;
    this.#replies = new ReplyAddresses(this.id);
    this.#dispatcher = new Dispatcher({
      connectors: this.#connectors,
      replies: this.#replies,
      violations: this.#violations,
      clock: options.clock,
    });
    this.#connectors.watch((routingKey) => {
      for (const connection of this.#connections) connection.consumerChanged(routingKey);
    });
  }

  /** What clients did that the contract forbids, in order. */
  get violations(): readonly Violation[] {
    return this.#violations.kept;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Common names of the clients that are connected, sorted. */
  get clients(): readonly string[] {
    return [...this.#connections].map((connection) => connection.client).sort();
  }

  /** Sessions that the connections of now began so far, those that ended too. */
  get sessionsBegun(): number {
    return [...this.#connections].reduce((sum, { sessionsBegun }) => sum + sessionsBegun, 0);
  }

  /** Streams being carried, optionally of one routing key. */
  streamCount(routingKey?: string): number {
    return this.#dispatcher.streams(routingKey).length;
  }

  /** Listens; gives the port. */
  async start(): Promise<number> {
    const server = createServer(
      {
        ...this.#options.credentials,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
        allowHalfOpen: true,
      },
      (socket) => this.#accept(socket),
    );
    server.maxConnections = ROUTER_LIMITS.maxConnections;
    // A failed handshake is the client's affair; the router goes on.
    server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
    // With half-open sockets a client that leaves in mid-handshake is known here only.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#options.host ?? '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this.#port;
  }

  /** A `tcpListener` for the routing key, with mutual TLS or plain; gives its port. */
  async addTcpListener(routingKey: string, kind: 'tls' | 'plain' = 'tls'): Promise<number> {
    const front = new TcpFront({
      routingKey,
      port: 0,
      host: this.#options.host ?? '127.0.0.1',
      credentials: kind === 'tls' ? this.#options.credentials : undefined,
      connectors: this.#connectors,
      violations: this.#violations,
    });
    this.#fronts.push(front);
    return front.listen();
  }

  /** One connector for each backend, in place of those that the routing key had. */
  addConnector(routingKey: string, ...backends: readonly BackendAddress[]): void {
    this.#connectors.put({ routingKey, backends, behaviour: 'serve' });
  }

  /** Deletes the connectors: its streams end as if the backend had reset them. */
  removeConnector(routingKey: string): void {
    this.#connectors.remove(routingKey);
    this.resetStreams(routingKey);
  }

  /**
   * Deletes the connector of one of several backends: its streams end as if it had reset them. Openings that
   * are given to it come back until `addConnector`, as until routers have told each other.
   */
  withdrawConnector(routingKey: string, backend: BackendAddress): void {
    this.#connectors.withdraw(backend);
    const streams = this.#dispatcher.streams(routingKey);
    for (const stream of streams) if (stream.backend === backend) stream.reset('response-first');
  }

  // Faults on command (router-stream-protocol.md 11).

  /** How openings of the routing key are treated from now on; it must have a connector. */
  misbehave(routingKey: string, behaviour: ConnectorBehaviour): void {
    const connector = this.#connectors.find(routingKey);
    if (connector === undefined) throw new Error(`no connector for ${routingKey}`);
    this.#connectors.put({ ...connector, behaviour });
  }

  /** Backend reset in mid-stream: final response transfer and `modified`, in the order wanted. */
  resetStreams(routingKey: string, order: 'response-first' | 'outcome-first' = 'response-first') {
    for (const stream of this.#dispatcher.streams(routingKey)) stream.reset(order);
  }

  /**
   * The backend's router, or the link to it, is lost: streams are aborted and released, credit that
   * was granted stays, and new openings are released until `addConnector` or `removeConnector`.
   */
  loseFarRouter(routingKey: string): void {
    this.misbehave(routingKey, 'release');
    for (const stream of this.#dispatcher.streams(routingKey)) stream.lose();
  }

  /** Detaches the request links of the routing key, or of all. */
  detachLinks(error: ErrorValue, routingKey?: string): void {
    for (const connection of this.#connections) connection.detachLinks(error, routingKey);
  }

  endSessions(error: ErrorValue): void {
    for (const connection of this.#connections) connection.endSessions(error);
  }

  closeConnections(error: ErrorValue): void {
    for (const connection of this.#connections) connection.fail(error);
  }

  /** Bare FIN, no `close`: connections deleted by management, or a router that got SIGTERM. */
  dropConnections(): void {
    for (const connection of this.#connections) connection.drop();
  }

  /** The process stands still: sockets stay open, nothing moves. */
  freeze(): void {
    this.#isFrozen = true;
    for (const connection of this.#connections) connection.freeze();
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const connection of this.#connections) connection.thaw();
  }

  /** Killed: the listener is gone and every connection is cut, without a word. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of this.#connections) connection.kill();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Listens again on the port it had. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Ends everything, tcpListeners too. */
  async stop(): Promise<void> {
    await this.kill();
    await Promise.all(this.#fronts.map((front) => front.kill()));
  }

  #accept(socket: TLSSocket): void {
    if (socket.isSessionReused()) {
      this.#violations.add('tls-session-resumed', 'AMQP listener');
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const connection = new RouterConnection({
      socket,
      routerId: this.id,
      connectionId: this.#nextConnectionId++,
      isEdge: this.#options.role === 'edge',
      idleTimeoutMs: this.#options.idleTimeoutMs ?? ROUTER_LIMITS.idleTimeoutMs,
      dispatcher: this.#dispatcher,
      replies: this.#replies,
      violations: this.#violations,
      containerIds: this.#containerIds,
      clock: this.#options.clock,
      onClosed: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
    if (this.#isFrozen) connection.freeze();
  }
}
