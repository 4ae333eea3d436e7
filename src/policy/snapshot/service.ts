import type { RoutingKey } from '../../core/ids.ts';
import type { TlsClientCredentials } from './credentials.ts';

export interface ServicePolicy {
  readonly name: string;
  /** The first of them, where `addresses` has several. */
  readonly address: RoutingKey;
  /** Undefined: `address` is the only one. */
  readonly addresses?: ServiceAddresses | undefined;
  readonly via: ServiceVia;
  /** What the application speaks; `auto`: what its TLS agrees to (ALPN). */
  readonly protocol: 'http1' | 'h2' | 'auto';
  /** `request`: each request gets a connection of its own, so the network chooses a consumer each time. */
  readonly balance: 'connection' | 'request';
  /** `client`: the client's Host goes on; `service`: the service's own; else a literal. */
  readonly hostHeader: string;
  readonly timeout: {
    /** The longest that a rule for this service waits for a connection, each rule for as long as it says. */
    readonly connectMs: number;
    /** Of a stream that nobody reads as HTTP (passthrough). */
    readonly idleMs: number;
  };
  /** After so many failed connections in a row, two attempts at a time, with pauses between these. */
  readonly outlier: { readonly failures: number; readonly minMs: number; readonly maxMs: number };
  /** Undefined: the application is not asked. Of services with a URL only. */
  readonly health?: HealthPolicy | undefined;
  /** Undefined: a request is never sent again. */
  readonly retry: { readonly ratio: number; readonly withinMs: number } | undefined;
  /** Upstream connections at most; requests beyond wait in a bounded queue. */
  readonly maxConnections: number;
  /** Octets of a response head at most, interim ones too. */
  readonly responseHeadBytes: number;
}

export interface HealthPolicy {
  /** Path and query. */
  readonly path: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Bad answers in a row until requests are refused. */
  readonly unhealthy: number;
  /** Good answers in a row until they are let through again. */
  readonly healthy: number;
}

/** Several routing keys that lead to one service. */
export interface ServiceAddresses {
  /** `priority`: the first with consumers gets everything; `weighted`: each its share. */
  readonly order: 'priority' | 'weighted';
  /** Who keeps to one of them; undefined: each request is on its own. A header name is lower case. */
  readonly sticky: 'session' | { readonly header: string } | undefined;
  /** The same service with one routing key each, and without `addresses`. */
  readonly members: readonly { readonly weight: number; readonly service: ServicePolicy }[];
}

export type ServiceVia =
  | {
      readonly kind: 'amqp';
      /** TLS to the application inside the lane; undefined: none. */
      readonly tls: TlsClientCredentials | undefined;
      /** For the opening message, where the far connector does the TLS. Never with `tls`. */
      readonly alpn: string | undefined;
    }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      /** Undefined: plain TCP, to loopback addresses only unless `isInsecure`. */
      readonly tls: TlsClientCredentials | undefined;
      readonly isInsecure: boolean;
    }
  | {
      /** An application that no router stands before. */
      readonly kind: 'url';
      readonly host: string;
      readonly port: number;
      /** Of https; undefined: plain TCP, to loopback addresses only unless `isInsecure`. */
      readonly tls: TlsClientCredentials | undefined;
      readonly isInsecure: boolean;
    };
