import type { PageLook } from '../../html/page.ts';

/** What a plugin sees of a request. Read only, and without the body. Each member is made when it is asked for. */
export interface RequestView {
  /** Id of the exchange, as in the access log. */
  readonly id: string;
  /** The kind of client, by Fetch Metadata, Accept and Content-Type. Only a navigation is redirected to a login. */
  readonly class: 'navigation' | 'api' | 'websocket' | 'grpc';
  readonly method: string;
  /** Host of `url`: lower case, without the port. A `__Host-` cookie belongs to it. */
  readonly host: string;
  /** As the gateway read it: scheme and port are those that clients use, never what a field says of them. */
  readonly url: URL;
  readonly headers: Headers;
  /**
   * By name, values as they were received. A name that came twice is left out: one of the two was planted, and
   * nobody can say which.
   */
  readonly cookies: ReadonlyMap<string, string>;
  readonly client: {
    /** Address of the connection's peer, or what `gateway.trustedProxies` say of it. */
    readonly ip: string;
  };
  readonly tls?: {
    /** Server name of the ClientHello (RFC 6066 3). */
    readonly serverName?: string;
    /** `h2` or `http/1.1` (RFC 7301). */
    readonly alpn?: string;
  };
  readonly route: { readonly name: string; readonly requires: Requirements };
}

/** What `require` of route and path wants of a login. Claims are not among it: the core alone judges them. */
export interface Requirements {
  /** The `assurance` that is wanted. */
  readonly acr?: string;
  /** Milliseconds since `authenticatedAt`, at most. */
  readonly maxAgeMs?: number;
}

/** One call of a plugin. */
export interface Call {
  /** Aborts when the time is over or the client has gone. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970: `providers.X.timeout` after the call began, 2 s by default; 10 s for an endpoint. */
  readonly deadline: number;
}

/** What an endpoint sees. */
export type EndpointRequest = RequestView & {
  /** As it was sent, so that doubled parameters stay visible. At most `maxBodyBytes` octets. */
  body(): Promise<Uint8Array>;
  /** Name, logo, accent and support link of the operator (`gateway.pages`), for `pageResponse` of the kit. */
  readonly look: PageLook | undefined;
};
