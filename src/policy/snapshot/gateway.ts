import type { AddressList } from '../../core/address-list.ts';
import type { TrustedProxies } from '../../core/forwarded-client.ts';
import type { BucketShape } from '../../core/bucket-shape.ts';
import type { TlsPolicy } from '../../core/tls-policy.ts';
import type { RedisPlace } from '../../core/redis-place.ts';
import type { Secret } from '../../core/secret.ts';
import type { AddressRule } from './address-rule.ts';
import type { CertificateSource } from './credentials.ts';
import type { AddressRate, WhenDown } from './limits.ts';
import type { PagesPolicy } from './pages.ts';

export interface GatewayPolicy {
  readonly listen: {
    /** Undefined: a balancer ends TLS, and nothing here could. */
    readonly https: ListenAddress | undefined;
    readonly http: ListenAddress | undefined;
    readonly plain: ListenAddress | undefined;
  };
  /** The port clients see; undefined: the https port that was bound, else 443, the one of the balancer. */
  readonly publicPort: number | undefined;
  readonly certificates: readonly CertificateSource[];
  /** For clients without a server name or with an unknown one; undefined: refused, unless only one exists. */
  readonly defaultCertificate: CertificateSource | undefined;
  readonly tls: TlsPolicy;
  /** Undefined: clients of every address. */
  readonly from: readonly AddressRule[] | undefined;
  /** Undefined: nobody's PROXY protocol header is read. */
  readonly proxyProtocol: AddressList | undefined;
  /** Who may connect to `listen.plain`. */
  readonly plainPeers: AddressList | undefined;
  /** Undefined: no field is believed. */
  readonly trustedProxies: TrustedProxies | undefined;
  readonly admin: AdminPolicy;
  readonly drain: { readonly delayMs: number; readonly limitMs: number };
  readonly client: ClientLimits;
  /** Undefined: off. */
  readonly hsts: HstsPolicy | undefined;
  readonly limits: GatewayLimits;
  /** Fields of `gateway.defaults.headers.preset`, for refusals that come before a rule is known. */
  readonly preset: readonly string[] | undefined;
  /** Undefined: nobody is refused for overload. */
  readonly shedding: SheddingPolicy | undefined;
  readonly errors: ErrorsPolicy;
  /** Undefined: as they come. */
  readonly pages: PagesPolicy | undefined;
  /** Undefined: memory of this process. */
  readonly store: StorePolicy | undefined;
  readonly sessions: SessionsPolicy;
  /** Folder for what is kept over restarts; undefined: not written in the policy. */
  readonly state: string | undefined;
  /** Undefined: files are read when somebody asks for it. */
  readonly watch: WatchPolicy | undefined;
}

/** Above one of these the gateway is overloaded; undefined: no sign. */
export interface SheddingPolicy {
  readonly eventLoopDelayMs: number | undefined;
  /** Of the memory that the process may have: 0 to 1. */
  readonly memory: number | undefined;
  /** Requests and streams in flight. */
  readonly queue: number | undefined;
  /** Priorities in use without the highest, ascending: each step refuses one more. */
  readonly steps: readonly number[];
  /** By tier. */
  readonly priorities: ReadonlyMap<string, number>;
}

export interface AdminPolicy {
  readonly listen: ListenAddress;
  /** Undefined: only `listen`. */
  readonly health: ListenAddress | undefined;
  /** Whether `health` serves metrics too. */
  readonly metrics: boolean;
  /** Undefined: `listen` is plain HTTP. */
  readonly certificate: CertificateSource | undefined;
  /** Undefined: everybody who can connect, which is this machine. */
  readonly auth: AdminAuth | undefined;
  /** Host names beside addresses and localhost, lower case. */
  readonly hosts: readonly string[];
}

export type AdminAuth =
  | { readonly kind: 'tokens'; readonly tokens: readonly Secret[] }
  /** Authorities of client certificates, PEM. */
  | { readonly kind: 'clientCa'; readonly caPem: string };

/** How changed files are noticed. */
export interface WatchPolicy {
  /** Without a change for so long, files are read. */
  readonly settleMs: number;
  /** Between two looks where no event told of a change. */
  readonly pollMs: number;
}

/** What refusals tell their clients. */
export interface ErrorsPolicy {
  /** Reason and remedy too, not the sentence alone. */
  readonly isDetailPublic: boolean;
}

export interface ListenAddress {
  /** Undefined: all addresses. */
  readonly address: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface HstsPolicy {
  /** Of Strict-Transport-Security. */
  readonly value: string;
  /** The policy says nothing: localhost and addresses go without. */
  readonly isDefault: boolean;
}

/** A Redis server that replicas share. */
export interface StorePolicy {
  readonly place: RedisPlace;
  readonly caPem: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly prefix: string;
  /** Gateways that share it, as far as the policy knows. */
  readonly replicas: number;
  /** A look at a limit waits this long at most. */
  readonly scriptMs: number;
  /** What limits do while it is away, where they do not say it themselves. */
  readonly whenDown: WhenDown;
}

export interface SessionsPolicy {
  /** `server`: kept in the store. `cookie`: encrypted in the browser. */
  readonly store: 'server' | 'cookie';
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** Of cookie mode, the newest first. */
  readonly keys: readonly Secret[];
}

export interface ClientLimits {
  readonly handshakeMs: number;
  readonly headersMs: number;
  /** Octets per second. */
  readonly bodyMinRate: number;
  readonly bodyTotalMs: number | undefined;
  readonly writeMs: number;
  readonly idleMs: number;
}

export interface GatewayLimits {
  readonly connections: number;
  readonly perClientAddress: {
    readonly connections: number;
    readonly rate: AddressRate | undefined;
    /** TLS connections begun; undefined: no limit. */
    readonly handshakes: BucketShape | undefined;
  };
  /** Octets of request line and fields together. */
  readonly headerBytes: number;
  /** Fields of a request; all cookies are one. */
  readonly headerCount: number;
}
