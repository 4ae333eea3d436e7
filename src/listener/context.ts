import type { AddressList } from '../core/address-list.ts';
import type { Clock } from '../core/clock.ts';
import type { OnDrop } from '../core/drop.ts';
import type { TrustedProxies } from '../core/forwarded-client.ts';
import type { TlsPolicy } from '../core/tls-policy.ts';
import type { RequestHandler } from '../core/message.ts';
import type {
  CertificateSource,
  ClientLimits,
  GatewayLimits,
} from '../policy/snapshot/snapshot.ts';
import type { ListenerStats } from './stats.ts';
import type { Sweeper } from './sweep.ts';

/** What a reload may change; taken from the policy snapshot by the application. */
export interface ListenerConfig {
  readonly certificates: readonly CertificateSource[];
  /** Undefined: clients without a known server name are refused, unless only one certificate exists. */
  readonly defaultCertificate: CertificateSource | undefined;
  readonly tls: TlsPolicy;
  readonly client: ClientLimits;
  readonly limits: GatewayLimits;
  /** Lower-case field names the policy sets: a look-alike with `_` or `.` refuses the request. */
  readonly guardedNames: ReadonlySet<string>;
  /** Peers that begin with the PROXY protocol; of no other peer a header is read. Undefined: none. */
  readonly proxyProtocol: AddressList | undefined;
  /** The balancers that end TLS: nobody else may connect to the plain port. Undefined: nobody may. */
  readonly plainPeers: AddressList | undefined;
  /** Undefined: the client is the connection's. */
  readonly trustedProxies: TrustedProxies | undefined;
  /** Where the http port redirects to; undefined: the https port that was bound. */
  readonly publicPort: number | undefined;
  /** True when a route names the host, wildcards included. The http port redirects to no other (J3). */
  isKnownHost(host: string): boolean;
  /** True when the TLS of this server name, lower case, is the application's and is not terminated here. */
  isPassthrough(serverName: string): boolean;
}

/** What the parts of one listener share. `config` is replaced whole on reload. */
export interface ListenerContext {
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  readonly stats: ListenerStats;
  /** To be called for everything that is closed without an answer. */
  readonly onDrop: OnDrop;
  config: ListenerConfig;
  /** Draining: responses from now on end their connection. */
  isClosing: boolean;
}

/** A connection that speaks HTTP, in either version, as the listener closes it. */
export interface ServedConnection {
  /** Ends at once when idle, else after the exchanges in flight (F14). */
  startClosing(): void;
  destroy(): void;
}

export interface ProtocolOptions {
  readonly context: ListenerContext;
  readonly handler: RequestHandler;
}
