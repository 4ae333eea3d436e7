import type { Duplex } from 'node:stream';
import type { Channel } from '../core/channel.ts';
import type { RoutingKey } from '../core/ids.ts';

/** The Skupper network as the rest of the gateway sees it: streams to routing keys, and a status. */
export interface SkupperNetwork {
  /**
   * A channel to one consumer of the routing key. Resolves when the response opening has arrived, that is
   * when the far connector's TCP connection to the application is up; nothing of the caller's was sent
   * before. Rejects with a `GatewayError`, always retryable here: `network_unavailable`,
   * `service_unavailable`, `routing_key_forbidden`, `upstream_connect_failed`, `upstream_connect_timeout`.
   */
  open(routingKey: RoutingKey, options: ConnectOptions): Promise<Channel>;
  /** The same, as a stream. */
  connect(routingKey: RoutingKey, options: ConnectOptions): Promise<Duplex>;
  /** What is known of the consumers of a routing key that may be opened, over all open router connections. */
  reachability(routingKey: RoutingKey): 'reachable' | 'unreachable' | 'unknown';
  /** Replaces the routing keys that may be opened; their consumers are watched. */
  permit(routingKeys: ReadonlySet<RoutingKey>): void;
  status(): NetworkStatus;
  /** Called when a router may stand still: kept-alive lanes should be given up. One listener. */
  onDoubt(listener: () => void): void;
  /** Called when readiness may have changed. One listener. */
  onChange(listener: () => void): void;
  /** Calls `over` when the last lane has ended; the caller opens no new ones. */
  retire(over: () => void): void;
  /** Ends all lanes and connections; resolves when all sockets are closed. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Aborting gives the lane up; the peer sees an aborted stream. */
  readonly signal?: AbortSignal;
  /** The stream destroyed with such an error ends, as by `end`, instead of being aborted. Default: none. */
  readonly isFarewell?: (error: Error) => boolean;
  /** Not open after so long: given up with `upstream_connect_timeout`. Undefined: the network's own waits. */
  readonly limitMs?: number | undefined;
  /**
   * False (HTTP/1): when the application ends its half, ours is ended too and the stream's `end` waits
   * for the outcome, so a connection that was reset is never taken for a clean end. True (passthrough):
   * each half ends by itself.
   */
  readonly allowHalfOpen: boolean;
  /** Named in the opening (router-stream-protocol.md 5), for a far connector that does TLS itself. */
  readonly alpn?: string | undefined;
}

export interface NetworkStatus {
  readonly isReady: boolean;
  /** One sentence when not ready: what is missing and since when. */
  readonly reason: string | undefined;
  readonly connections: readonly RouterConnectionStatus[];
}

export interface RouterConnectionStatus {
  readonly link: string;
  readonly endpoint: string;
  readonly state: 'connecting' | 'open' | 'waiting' | 'closed';
  /** Container id, product and version of the router once open. */
  readonly router:
    { readonly id: string; readonly product: string; readonly version: string } | undefined;
  readonly lanes: number;
  /** AMQP sessions not ended by both sides: one a lane, and the one that watches services. */
  readonly sessions: number;
  readonly lastError: string | undefined;
}
