import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import type { OnDrop } from '../core/drop.ts';
import type { ClientConnection, RequestHandler } from '../core/message.ts';
import type { PassthroughHandler } from '../core/passthrough.ts';
import { DEFAULT_PORTS } from '../core/origin.ts';
import { Roster } from '../core/roster.ts';
import type { ListenAddress } from '../policy/snapshot/snapshot.ts';
import { ConnectionCeilings, Port } from './accept.ts';
import { describeConnection, withoutTls } from './describe-connection.ts';
import type { ListenerConfig, ListenerContext, ServedConnection } from './context.ts';
import { Entrance } from './entrance.ts';
import type { Accepted } from './entrance.ts';
import { Http1 } from './http1/http1.ts';
import { Http2Connection } from './http2/http2-connection.ts';
import { RedirectHandler } from './http1/redirect.ts';
import { PlainFront } from './plain/plain.ts';
import { ToldHandler } from './plain/told-handler.ts';
import { ListenerStats } from './stats.ts';
import { Sweeper } from './sweep.ts';
import { TlsFront } from './tls/tls.ts';

export interface ListenerOptions {
  /** Undefined: no https port. */
  readonly https: ListenAddress | undefined;
  /** Undefined: no http port. */
  readonly http: ListenAddress | undefined;
  /** For balancers that end TLS. Undefined: no such port. */
  readonly plain: ListenAddress | undefined;
  readonly config: ListenerConfig;
  readonly handler: RequestHandler;
  /** Gets the connections that `config.isPassthrough` names. */
  readonly passthrough: PassthroughHandler;
  readonly clock: Clock;
  /** Hears of every connection and stream that is closed without an answer. Must not throw. */
  readonly onDrop: OnDrop;
}

export interface BoundAddresses {
  readonly https: AddressInfo | undefined;
  readonly http: AddressInfo | undefined;
  readonly plain: AddressInfo | undefined;
}

/**
 * The internet side: accepts, secures, speaks HTTP, and hands each request that passed its checks to
 * the handler. The constructor throws when a certificate cannot be used.
 */
export class Listener {
  readonly stats = new ListenerStats();
  readonly #options: ListenerOptions;
  readonly #context: ListenerContext;
  readonly #tls: TlsFront;
  readonly #http1: Http1;
  readonly #redirect: Http1;
  readonly #httpsPort: Port;
  readonly #httpPort: Port;
  readonly #plain: PlainFront;
  readonly #plainPort: Port;
  readonly #served = new Roster<ServedConnection>();
  readonly #sockets = new Roster<Socket>();
  /** Where redirects lead; without an https port the clients' one is that of a balancer. */
  #boundPort: number = DEFAULT_PORTS.https;
  #onAllClosed: (() => void) | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const { clock, config, handler, passthrough } = options;
    const onDrop: OnDrop = (reason, address, detail) => {
      this.stats.drops[reason] += 1;
      options.onDrop(reason, address, detail);
    };
    const sweeper = new Sweeper(clock);
    this.#context = { clock, config, sweeper, stats: this.stats, onDrop, isClosing: false };
    const context = this.#context;
    const redirect = new RedirectHandler(context, handler, () => this.#boundPort);
    this.#tls = new TlsFront(context, {
      onSecure: (socket, client) => this.#serveSecure(socket, client),
      passthrough,
    });
    this.#http1 = new Http1({ context, handler });
    this.#redirect = new Http1({ context, handler: redirect });
    this.#plain = this.#plainFront(new ToldHandler(handler, redirect));
    const port = this.#portMaker();
    this.#httpsPort = port((accepted) => this.#tls.accept(accepted));
    this.#httpPort = port((accepted) => this.#serveRedirect(accepted));
    this.#plainPort = port(
      (accepted) => this.#plain.accept(accepted),
      (socket) => this.#plain.admit(socket),
    );
  }

  /** Throws a GatewayError that names the address when a port cannot be bound; then nothing listens. */
  async listen(): Promise<BoundAddresses> {
    const { https, http, plain } = this.#options;
    try {
      const boundHttps = https && (await this.#httpsPort.listen(https, 'gateway.listen.https'));
      if (boundHttps !== undefined) this.#boundPort = boundHttps.port;
      const boundHttp = http && (await this.#httpPort.listen(http, 'gateway.listen.http'));
      const boundPlain =
        plain && (await this.#plainPort.listen(plain, 'gateway.listen.plain.address'));
      return { https: boundHttps, http: boundHttp, plain: boundPlain };
    } catch (error) {
      this.stopAccepting();
      throw error;
    }
  }

  /** Applies to handshakes and checks from now on; open connections go on. Throws and changes nothing on bad certificates. */
  update(config: ListenerConfig): void {
    this.prepare(config)();
  }

  /** The same in two steps: what can fail is done before the call that is returned, which cannot. */
  prepare(config: ListenerConfig): () => void {
    const useCertificates = this.#tls.prepareCertificates(config);
    return () => {
      useCertificates();
      this.#context.config = config;
    };
  }

  /** The ports are closed; open connections go on. */
  stopAccepting(): void {
    this.#httpsPort.stop();
    this.#httpPort.stop();
    this.#plainPort.stop();
  }

  /** Idle connections end now, busy ones after their exchanges; HTTP/2 learns it by GOAWAY (F14). */
  startClosing(): void {
    this.#context.isClosing = true;
    for (const connection of this.#served.items()) connection.startClosing();
  }

  /** Resolves when no connection is open. */
  closed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#sockets.size === 0) resolve();
    else this.#onAllClosed = resolve;
    return promise;
  }

  /** The drain limit is reached: whatever is open is cut. */
  destroyAll(): void {
    for (const connection of this.#served.items()) connection.destroy();
    for (const socket of this.#sockets.items()) socket.destroy();
  }

  #serveRedirect(accepted: Accepted): void {
    const { socket } = accepted;
    const described = describeConnection(accepted);
    if (described === undefined) return void socket.destroy();
    this.#keep(socket, this.#redirect.serve(socket, withoutTls(described)));
  }

  #portMaker() {
    const ceilings = new ConnectionCeilings(this.#context);
    const entrance = new Entrance(this.#context, ceilings);
    return (onEntered: (accepted: Accepted) => void, admit = (_socket: Socket) => true) =>
      new Port(ceilings, (socket) => {
        if (!admit(socket)) return;
        this.#track(socket);
        entrance.enter(socket, onEntered);
      });
  }

  #plainFront(handler: RequestHandler): PlainFront {
    const context = this.#context;
    const http1 = new Http1({ context, handler });
    return new PlainFront(context, {
      onHttp1: (socket, client) => this.#keep(socket, http1.serve(socket, client)),
      onHttp2: (socket, client) =>
        this.#keep(socket, new Http2Connection(socket, client, { context, handler })),
    });
  }

  #serveSecure(socket: TLSSocket, client: ClientConnection): void {
    const isHttp2 = client.tls?.alpn === 'h2';
    const { handler } = this.#options;
    const connection = isHttp2
      ? new Http2Connection(socket, client, { context: this.#context, handler })
      : this.#http1.serve(socket, client);
    this.#keep(socket, connection);
  }

  #keep(socket: Socket, connection: ServedConnection): void {
    const entry = this.#served.add(connection);
    socket.once('close', () => entry.remove());
    // It was accepted before the drain began and came through its handshake after.
    if (this.#context.isClosing) connection.startClosing();
  }

  #track(socket: Socket): void {
    const entry = this.#sockets.add(socket);
    socket.once('close', () => {
      entry.remove();
      if (this.#sockets.size === 0) this.#onAllClosed?.();
    });
  }
}
