import type { ConnectionLife } from './connection-life.ts';
import type { GatewayError } from './errors.ts';
import type { HeaderList } from './header-list.ts';
import type { Refusal } from './refusal.ts';

/**
 * The two narrow faces between the ends and the stages. The listener makes an `InboundRequest` and a
 * `ResponseSink`; the upstream takes a `BodySource` and answers into an `UpstreamReceiver`.
 * Nothing between them knows node:http, node:http2, undici or a stream class: header lists are raw
 * and bodies are pushed, so the common case needs no wrapper objects (docs/decisions/0001-narrow-ends.md).
 */
export interface InboundRequest extends RequestFacts {
  readonly body: BodySource;
}

/** What the gates judge: everything of a request but its octets. A described request has them too. */
export interface RequestFacts {
  readonly connection: ClientConnection;
  /** On whose account it goes: the connection's address, or the one that `gateway.trustedProxies` name. */
  readonly clientAddress: string;
  readonly version: '1.0' | '1.1' | '2';
  readonly method: string;
  /** Origin-form: `/path?query`, as received but checked; `*` only for OPTIONS. */
  readonly target: string;
  /** Host of the request, one normalised form: lower case, no trailing dot, no port. */
  readonly host: string;
  /** Host or :authority as the client wrote it, for the application. */
  readonly authority: string;
  /** All fields as received, pseudo-fields left out. `host` is still in it over HTTP/1. */
  readonly headers: HeaderList;
  readonly body: Pick<BodySource, 'length'>;
  /**
   * The client asks to go on in this protocol (RFC 9110 7.8, RFC 8441). Then `method` is GET, `body` is
   * what it sends after the switch, and a response head of 101 makes the switch in either version.
   */
  readonly upgrade?: 'websocket' | undefined;
  /** Wall time when the head was complete. */
  readonly receivedAtMs: number;
}

/** What is known of a client's connection before any request. */
export interface ClientConnection {
  readonly id: string;
  /** Never undefined, even after the socket died (security-requirements.md, fact 5). IPv4-mapped addresses are folded. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of the socket's other end: the client's, unless a balancer in front has named its own client. */
  readonly peerAddress: string;
  readonly localPort: number;
  /** How the client speaks: with us, or with the balancer whose word is taken; never what a client claims. */
  readonly scheme: 'http' | 'https';
  /** With us. */
  readonly tls: TlsSession | undefined;
  /** Undefined: nobody sent the request, it is described. */
  readonly life?: ConnectionLife;
  /** The same connection for those of its requests that a balancer has got over TLS. Undefined: nobody's word is taken. */
  readonly toldSecure?: ClientConnection;
}

export interface TlsSession {
  /** From the ClientHello, lower case; undefined when the client sent none. */
  readonly serverName: string | undefined;
  readonly protocol: string;
  readonly cipher: string;
  readonly alpn: string | undefined;
}

/** A body that pushes. One consumer; `consume` at most once; either `end` or `fail` is the last call. */
export interface BodySource {
  /** Octets announced by Content-Length; 0 when there is no body; undefined when only the end tells. */
  readonly length: number | undefined;
  /** Starts the flow. Octets, or the end or fault of a body that is over, may come in the same turn. */
  consume(receiver: BodyReceiver): void;
  /** No further octet is pushed until `resume`, beyond what the sender's socket holds. Idempotent. */
  pause(): void;
  resume(): void;
  /** A stream that may rest as long as its peers like: no minimum rate any more. Before `consume`. */
  allowSilence(): void;
  /** Nobody wants the rest: the listener drains a little or closes (RFC 9112 9.3). Idempotent. */
  discard(): void;
}

export interface BodyReceiver {
  data(chunk: Uint8Array): void;
  /** The body is complete by its own framing. Trailers are as received, unfiltered. */
  end(trailers: HeaderList): void;
  /** The body will not be completed. */
  fail(error: GatewayError): void;
}

/** Where one response goes. Made by the listener; used by `respond` and `forward` alone. */
export interface ResponseSink {
  readonly isHeadSent: boolean;
  /** True from `end`, `abort` or the client's going on: further calls do nothing. */
  readonly isClosed: boolean;
  /** A 1xx other than 101 (RFC 9110 15.2). False: the client does not read, wait for `onDrain`. */
  informational(status: number, headers: HeaderList): boolean;
  /**
   * Exactly once. `headers` are final: the listener adds framing and connection fields only. 101 answers
   * a request with `upgrade` alone: `data` and `end` are then those of the new protocol.
   */
  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void;
  /** False: the socket is full, wait for `onDrain`. */
  data(chunk: Uint8Array): boolean;
  end(trailers?: HeaderList): void;
  /** The response cannot be completed: the client must see an error (reset or close), never a clean end. */
  abort(error: GatewayError): void;
  /** Called whenever the sink can take octets again. One listener. */
  onDrain(listener: () => void): void;
  /** Called once: `undefined` when the last octet was handed to the kernel, an error when it was not. */
  onClose(listener: (error: GatewayError | undefined) => void): void;
}

export interface ResponseHeadOptions {
  /** Octets that follow, when known. Undefined: the listener frames (chunked, DATA). */
  readonly length: number | undefined;
  /** No body follows: HEAD, 204, 304. `length` is then only announced. */
  readonly bodyless?: boolean;
  /**
   * The head ends the message: no body, no trailers. Over HTTP/2 it carries END_STREAM, which tells a gRPC
   * client that its status is in the head.
   */
  readonly isWhole?: boolean;
  /** Close the connection after this response. */
  readonly closeConnection?: boolean;
}

/** What the listener calls for each request that passed its checks, or was refused by them. */
export interface RequestHandler {
  /** Must not throw. */
  handle(request: InboundRequest, sink: ResponseSink): void;
  /** A request that never became one: answered by the same respond and record stages. */
  refused(refusal: Refusal, attempt: RefusedAttempt, sink: ResponseSink): void;
}

/** What is known of a message that could not be understood; every field may be missing. */
export interface RefusedAttempt {
  readonly connection: ClientConnection;
  readonly clientAddress: string;
  readonly version: string | undefined;
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly host: string | undefined;
  readonly receivedAtMs: number;
}
