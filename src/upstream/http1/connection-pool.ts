import { Client, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { Duplex } from 'node:stream';
import type { GatewayError } from '../../core/errors.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { ConnectionReports } from '../connection-reports.ts';
import { HeldStream } from '../held-stream.ts';
import { UnaskedContinue } from './unasked-continue.ts';

/** Opens one connection to the application; rejects with a retryable `GatewayError`. */
export type OpenConnection = (service: ServicePolicy) => Promise<Duplex>;

/** How a handler learns which connection carries its request. */
export interface ConnectionAware {
  carriedBy(connection: CarryingConnection): void;
}

export interface CarryingConnection {
  /** Requests given to this connection before: above 0 it was kept alive and may have died unseen. */
  readonly earlierRequests: number;
  /** An octet came since the request was given to it, be it of an interim response or of half a head. */
  readonly hasAnswered: boolean;
  /** The request was written and has no answer, for this reason. */
  failed(error: GatewayError): void;
  /** While held, nothing is read from the application. */
  hold(isHeld: boolean): void;
}

export interface PoolOptions {
  readonly service: ServicePolicy;
  readonly open: OpenConnection;
  readonly reports: ConnectionReports;
  readonly keepAliveMs: number;
}

/**
 * Only a label: the connection goes where `open` leads, and Host is always set by `forward`. The name of a service may
 * be a routing key with a port, or a URL, which are no host.
 */
const ORIGIN = 'http://service.invalid';

/**
 * undici's pool of HTTP/1.1 connections to one service over our own `connect`. One request at a time on
 * a connection: pipelining would let one slow response hold up another client's.
 * undici's timers are off; `forward` keeps the waits, because undici's head timer also counts the upload.
 */
export function createPool(options: PoolOptions): Pool {
  const { service, open, reports } = options;
  return new Pool(ORIGIN, {
    connections: service.maxConnections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: service.responseHeadBytes,
    keepAliveTimeout: options.keepAliveMs,
    keepAliveMaxTimeout: options.keepAliveMs,
    factory: (origin, clientOptions) =>
      new CountingClient(origin, clientOptions, {
        open: () => open(service),
        reports,
        maxHeadBytes: service.responseHeadBytes,
      }),
  });
}

interface CountingParts {
  readonly open: () => Promise<Duplex>;
  readonly reports: ConnectionReports;
  readonly maxHeadBytes: number;
}

class CountingClient extends Client {
  readonly #reports: ConnectionReports;
  readonly #maxHeadBytes: number;
  #continues: UnaskedContinue | undefined;
  #connection: HeldStream | undefined;
  #connectionRequests = 0;
  /** Of the request dispatched last; there is one at a time. */
  #carrying: Carrying | undefined;

  constructor(origin: string | URL, options: Client.Options, parts: CountingParts) {
    super(origin, {
      ...options,
      connect: (_options, callback) => {
        parts.open().then(
          // undici's type wants a net.Socket; it uses the Duplex part of it (checked by the network suite).
          (stream) => callback(null, this.#connected(stream) as never),
          (error: unknown) => callback(error as Error, null),
        );
      },
    });
    this.#reports = parts.reports;
    this.#maxHeadBytes = parts.maxHeadBytes;
    this.on('disconnect', () => {
      this.#connection = undefined;
      this.#connectionRequests = 0;
    });
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    this.#carrying = new Carrying(this.#connectionRequests, this);
    (handler as Partial<ConnectionAware>).carriedBy?.(this.#carrying);
    this.#connectionRequests += 1;
    this.#continues?.expectResponse();
    return super.dispatch(options, handler);
  }

  failed(error: GatewayError): void {
    if (this.#connection !== undefined) this.#reports.failed(this.#connection.stream, error);
  }

  hold(isHeld: boolean): void {
    this.#connection?.hold(isHeld);
  }

  /** undici opens one when a request waits: it is the first of the connection, whatever was there before. */
  #connected(stream: Duplex): Duplex {
    const continues = new UnaskedContinue(this.#maxHeadBytes);
    this.#continues = continues;
    this.#connection = new HeldStream(stream, (chunk) => continues.take(chunk));
    this.#connectionRequests = 1;
    if (this.#carrying !== undefined) this.#carrying.earlierRequests = 0;
    // undici tells of whole heads only. It reads on `readable`, too, and listens later than this.
    return stream.on('readable', () => {
      if (stream.readableLength > 0 && this.#carrying) this.#carrying.hasAnswered = true;
    });
  }
}

class Carrying implements CarryingConnection {
  earlierRequests: number;
  hasAnswered = false;
  readonly #client: CountingClient;

  constructor(earlierRequests: number, client: CountingClient) {
    this.earlierRequests = earlierRequests;
    this.#client = client;
  }

  failed(error: GatewayError): void {
    this.#client.failed(error);
  }

  hold(isHeld: boolean): void {
    this.#client.hold(isHeld);
  }
}
