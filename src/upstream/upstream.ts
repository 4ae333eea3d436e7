import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodySource } from '../core/message.ts';
import type { ServicePolicy } from '../policy/snapshot/snapshot.ts';

/**
 * The way to an application, whatever is below: a lane through the network or a router's tcpListener.
 * `send` starts one request and never throws; everything that happens is told to the receiver.
 */
export interface Upstream {
  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall;
}

export interface UpstreamRequest {
  readonly service: ServicePolicy;
  /** Of a service with several routing keys: whoever has the same text keeps to the same one. */
  readonly affinity?: string | undefined;
  readonly method: string;
  /** Origin-form, normalised. */
  readonly target: string;
  /** Final fields, Host included, hop-by-hop fields left out; framing is the upstream's. */
  readonly headers: HeaderList;
  /** Consumed only when the request is written, so an attempt that found no connection costs no octet. */
  readonly body: BodySource;
  /**
   * Asks the application to go on in this protocol. Its own 101 arrives as `head`; only then is `body`
   * consumed. Anything else it says is an ordinary response.
   */
  readonly upgrade?: 'websocket' | undefined;
}

/** Either `end` or `fail` is the last call; `head` comes before `data`. */
export interface UpstreamReceiver {
  /** The request has a connection, which is open. */
  connected(): void;
  /** The whole request, body included, was handed to the connection. */
  sent(): void;
  /** Octets moved towards the application: the connection is not idle. */
  progress(): void;
  informational(status: number, headers: HeaderList): void;
  /** `isWhole`: nothing follows but `end`. */
  head(status: number, headers: HeaderList, isWhole?: boolean): void;
  data(chunk: Uint8Array): void;
  end(trailers: HeaderList): void;
  /** `error.retryable` tells whether the one retry rule allows another attempt. */
  fail(error: GatewayError): void;
}

export interface UpstreamCall {
  /** Stops `data` beyond what is buffered already. Idempotent. */
  pause(): void;
  resume(): void;
  /** Gives the request up: its connection is closed, the receiver hears nothing more. Idempotent. */
  abort(error: GatewayError): void;
}
