import type { NearRouterOptions } from '../../../demo/router/router-config.ts';
import type { BackendAddress } from '../../../standin/connector-table.ts';
import type { StandinRouter } from '../../../standin/standin-router.ts';
import type { FrameClientOptions } from './frame-client.ts';

export interface RouterOptions {
  /** Routing key → backend, or several: then a connector for each. */
  readonly connectors?: Readonly<Record<string, BackendAddress | readonly BackendAddress[]>>;
  /** Routing keys that get a `tcpListener` with mutual TLS. */
  readonly tcpListeners?: readonly string[];
  /** Routing keys that get one without TLS. */
  readonly plainTcpListeners?: readonly string[];
  /** Of the listener for the client. Default normal. */
  readonly role?: 'normal' | 'edge';
  /** Real routers only. */
  readonly policy?: NearRouterOptions['policy'];
}

/** A router for a suite: the stand-in, or a pair of real ones, behind one face. */
export interface RunningRouter extends AsyncDisposable {
  readonly kind: 'stand-in' | 'skrouterd';
  /** Endpoint and credentials of the listener for the client. */
  readonly link: FrameClientOptions;
  /** Port of the routing key's `tcpListener`. */
  tcpPort(routingKey: string): number;
  /** The same without TLS. */
  plainTcpPort(routingKey: string): number;
  /** A connector for each backend. Resolves when a client can reach one of them. */
  addConnector(routingKey: string, ...backends: readonly BackendAddress[]): Promise<void>;
  removeConnector(routingKey: string): Promise<void>;
  /** The client's router dies without a word; `restart` brings it back on the same ports. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Undefined on real routers: what only a stand-in can do. */
  readonly standin: StandinRouter | undefined;
}
