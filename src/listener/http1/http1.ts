// HTTP/1.0 and 1.1 from clients: node parses, and everything that it leaves open is judged here.
//   http1.ts             lends node's server to sockets that others accepted
//   http1-connection.ts  one connection: its exchanges in turn, its waits and its end (linger.ts, raw-sink.ts)
//   http1-exchange.ts    one request and its response: http1-request, http1-head (the checks), http1-body, http1-sink (head-text);
//                        served-exchange.ts is what the connection needs of it
//   http1-upgrade.ts     WebSocket: http1-upgrade-sink and upgraded-body, once the protocol has changed
//   parser-refusal.ts    what the parser of node says, as a refusal          redirect.ts   the http port
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientConnection } from '../../core/message.ts';
import type { ProtocolOptions, ServedConnection } from '../context.ts';
import { Http1Connection } from './http1-connection.ts';
import { isWebSocketUpgrade } from './http1-upgrade.ts';

/** How often node looks for heads that are late, as often as our own sweep. */
const HEAD_CHECK_MS = 1_000;

/**
 * HTTP/1.0 and 1.1 on sockets that others accepted. Node's server never listens: it lends its strict
 * parser and its framing. Deadlines, limits and order are ours.
 */
export class Http1 {
  readonly #options: ProtocolOptions;
  readonly #server: Server;
  readonly #bySocket = new WeakMap<Socket, Http1Connection>();

  /** `headerBytes` of the configuration at this moment is the parser's ceiling. */
  constructor(options: ProtocolOptions) {
    this.#options = options;
    this.#server = createServer({
      insecureHTTPParser: false,
      // Our own checks come first and leave a record.
      requireHostHeader: false,
      maxHeaderSize: options.context.config.limits.headerBytes,
      keepAliveTimeout: 0,
      // Of a whole request: the pace of bodies is ours.
      requestTimeout: 0,
      connectionsCheckingInterval: HEAD_CHECK_MS,
      shouldUpgradeCallback: isWebSocketUpgrade,
    });
    // Zero: the parser keeps every field, so that none escapes our checks; we count them.
    this.#server.maxHeadersCount = 0;
    this.#server.timeout = 0;
    this.#listen();
    // Node looks for heads that are late from its `listening` on, and this server never listens. Only the
    // parser knows of half a head that came in one read with a whole one.
    this.#server.emit('listening');
  }

  serve(socket: Socket, client: ClientConnection): ServedConnection {
    this.#server.headersTimeout = this.#options.context.config.client.headersMs;
    const connection = new Http1Connection(socket, client, this.#options);
    this.#bySocket.set(socket, connection);
    this.#server.emit('connection', socket);
    return connection;
  }

  #listen(): void {
    const take = (request: IncomingMessage, response: ServerResponse): void =>
      this.#bySocket.get(request.socket)?.take(request, response);
    this.#server.on('request', take);
    this.#server.on('checkContinue', take);
    this.#server.on('checkExpectation', take);
    this.#server.on('upgrade', (request, socket, early) => {
      this.#bySocket.get(socket as Socket)?.takeUpgrade(request, early);
    });
    this.#server.on('connect', (request, socket) => {
      this.#bySocket.get(socket as Socket)?.refuseTunnel(request);
    });
    this.#server.on('clientError', (error, socket) => {
      const connection = this.#bySocket.get(socket as Socket);
      if (connection) connection.malformed(error);
      else socket.destroy();
    });
  }
}
