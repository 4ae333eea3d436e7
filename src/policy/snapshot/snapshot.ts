import type { CertificateTerm } from '../../core/certificate-term.ts';
import type { RoutingKey } from '../../core/ids.ts';
import type { Secret } from '../../core/secret.ts';

/**
 * The compiled policy: what `policy/compile.ts` makes of a checked file set, frozen to the leaves.
 * A request takes one snapshot and never reads another. Types only; stages import this file and no
 * other of `policy/`. Durations are milliseconds, sizes octets.
 */
export interface PolicySnapshot {
  /** Counts successful loads of this process, from 1. */
  readonly generation: number;
  /** SHA-256 of all files of the set, hex. */
  readonly hash: string;
  /** Absolute path of the directory of the set. */
  readonly directory: string;
  /** Of all certificates that the set names, in the order of the set. */
  readonly certificateTerms: readonly CertificateTerm[];
  readonly gateway: GatewayPolicy;
  readonly network: NetworkPolicy | undefined;
  readonly services: ReadonlyMap<string, ServicePolicy>;
  readonly providers: ReadonlyMap<string, ProviderPolicy>;
  readonly tenants: TenantsPolicy | undefined;
  readonly tiers: ReadonlyMap<string, Limits>;
  readonly routes: RouteTable;
}

export interface SourcePosition {
  /** Path as shown to the user, relative to where the command was run. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ListenAddress {
  /** Undefined: all addresses. */
  readonly address: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface GatewayPolicy {
  readonly listen: { readonly https: ListenAddress; readonly http: ListenAddress | undefined };
  /** The port clients see; undefined: the https port that was bound. */
  readonly publicPort: number | undefined;
  readonly certificates: readonly CertificateSource[];
  /** For clients without a server name or with an unknown one; undefined: refused, unless only one exists. */
  readonly defaultCertificate: CertificateSource | undefined;
  readonly admin: ListenAddress;
  readonly drain: { readonly delayMs: number; readonly limitMs: number };
  readonly client: ClientLimits;
  /** Undefined: off. */
  readonly hsts: HstsPolicy | undefined;
  readonly limits: GatewayLimits;
  /** Undefined: memory of this process. */
  readonly store: StorePolicy | undefined;
  readonly sessions: SessionsPolicy;
}

export interface HstsPolicy {
  /** Of Strict-Transport-Security. */
  readonly value: string;
  /** The policy says nothing: localhost and addresses go without. */
  readonly isDefault: boolean;
}

/** A Redis server that replicas share. */
export interface StorePolicy {
  readonly url: Secret;
  readonly caPem: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly prefix: string;
}

export interface SessionsPolicy {
  /** `server`: kept in the store. `cookie`: encrypted in the browser. */
  readonly store: 'server' | 'cookie';
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** Of cookie mode, the newest first. */
  readonly keys: readonly Secret[];
}

/** A certificate chain and its key, already read and checked to belong together. */
export interface CertificateSource {
  readonly certFile: string;
  readonly keyFile: string;
  readonly certPem: string;
  readonly keyPem: Secret;
  /** DNS names of the leaf, lower case, `*.` allowed in front. */
  readonly names: readonly string[];
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
  readonly perClientAddress: { readonly connections: number; readonly rate: Rate | undefined };
  /** Octets of request line and fields together. */
  readonly headerBytes: number;
}

export interface NetworkPolicy {
  readonly links: readonly RouterLink[];
  /** AMQP connections per entry router. */
  readonly connections: number;
  readonly creditWaitMs: number;
  readonly openWaitMs: number;
  readonly backoff: { readonly minMs: number; readonly maxMs: number };
  /** Ceiling of the sum over lanes of octets unacknowledged beyond one threshold, per connection. */
  readonly unackedLimitBytes: number;
}

/** One entry router and what is needed to reach it by mutual TLS. */
export interface RouterLink {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsClientCredentials;
}

export interface TlsClientCredentials {
  readonly caPem: string;
  readonly certPem: string | undefined;
  readonly keyPem: Secret | undefined;
  readonly serverName: string | undefined;
}

export interface ServicePolicy {
  readonly name: string;
  readonly address: RoutingKey;
  readonly via: ServiceVia;
  /** What the application speaks; `auto`: what its TLS agrees to (ALPN). */
  readonly protocol: 'http1' | 'h2' | 'auto';
  /** `request`: each request gets a connection of its own, so the network chooses a consumer each time. */
  readonly balance: 'connection' | 'request';
  /** `client`: the client's Host goes on; `service`: the service's own; else a literal. */
  readonly hostHeader: string;
  readonly timeout: {
    readonly connectMs: number;
    readonly responseMs: number;
    readonly idleMs: number;
    /** Of WebSocket, event streams and gRPC, in place of `idleMs`. */
    readonly streamIdleMs: number;
  };
  /** After so many failed connections in a row, two attempts at a time, with pauses between these. */
  readonly outlier: { readonly failures: number; readonly minMs: number; readonly maxMs: number };
  /** Upstream connections at most; requests beyond wait in a bounded queue. */
  readonly maxConnections: number;
  /** Octets of a response head at most, interim ones too. */
  readonly responseHeadBytes: number;
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
      /** Undefined: plain TCP, allowed to loopback addresses only. */
      readonly tls: TlsClientCredentials | undefined;
    };

export interface ProviderPolicy {
  readonly name: string;
  readonly plugin: string;
  readonly timeoutMs: number;
  /** Validated output of the plugin's own options schema; `plugin` and `timeout` taken out. */
  readonly options: unknown;
  readonly position: SourcePosition;
}

export interface TenantsPolicy {
  /** Where the tenant id comes from; undefined: issuer and subject. */
  readonly id: ClaimPath | undefined;
  readonly tier: { readonly from: ClaimPath | undefined; readonly default: string | undefined };
  readonly anonymous: { readonly tier: string | undefined };
  readonly overrides: ReadonlyMap<string, TenantOverride>;
}

export interface TenantOverride {
  readonly tier: string | undefined;
  readonly limits: LimitsOverride | undefined;
}

/** What is undefined here is as the tier of the tenant says. */
export interface LimitsOverride {
  readonly rates: readonly Rate[] | undefined;
  readonly burst: number | undefined;
  readonly concurrent: number | undefined;
  readonly mode: Limits['mode'] | undefined;
}

/** `identity.claims.a.b`, `identity.claims["https://x/y"]`, `identity.with.api.a`, `identity.subject`, `tenant.id` … */
export type ClaimPath =
  | { readonly kind: 'claim'; readonly keys: readonly string[] }
  | { readonly kind: 'with'; readonly provider: string; readonly keys: readonly string[] }
  | { readonly kind: 'subject' | 'issuer' | 'method' | 'tenant' };

/** Admissions per window. `10/s` is `{ amount: 10, windowMs: 1000 }`. */
export interface Rate {
  readonly amount: number;
  readonly windowMs: number;
  /** As written, for messages and fields. */
  readonly text: string;
}

export interface Limits {
  /** All must admit; the first also takes `burst`. */
  readonly rates: readonly Rate[];
  /** Bucket capacity of the first rate; undefined: its amount. */
  readonly burst: number | undefined;
  readonly concurrent: number | undefined;
  readonly mode: 'enforce' | 'shadow';
}

export type AuthRequirement =
  | { readonly kind: 'public' }
  | { readonly kind: 'any'; readonly providers: readonly string[] }
  | { readonly kind: 'all'; readonly providers: readonly string[] };

/** What an identity has to be (`require` of route and path together): all of it must hold. */
export interface RuleRequirements {
  /** Authentication context class (OIDC Core 2, `acr`). */
  readonly acr: string | undefined;
  /** Since the person was authenticated; whole seconds. */
  readonly maxAgeMs: number | undefined;
  readonly claims: readonly ClaimRequirement[];
}

export interface ClaimRequirement {
  /** The claim as written, for messages. */
  readonly text: string;
  readonly path: ClaimPath;
  /** All must hold. */
  readonly conditions: readonly ClaimCondition[];
}

/** Of a claim that is a list, each element is a value. A literal is `any` of one. */
export type ClaimCondition =
  | { readonly kind: 'any' | 'all'; readonly values: readonly ClaimValue[] }
  | { readonly kind: 'prefix'; readonly prefix: string }
  /** Holds when these do not all hold. */
  | { readonly kind: 'not'; readonly conditions: readonly ClaimCondition[] };

export type ClaimValue = string | number | bigint | boolean;

/** Other sites whose scripts may use a route. */
export interface CorsPolicy {
  /** As browsers send them, or `*`. */
  readonly origins: ReadonlySet<string>;
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeMs: number;
}

/** `%2F`; `;`; `//`. */
export type PathForm = 'encodedSlash' | 'parameters' | 'emptySegments';

/** One route and one of its paths, merged: everything that governs a request that lands here. */
export interface Rule {
  /** The route's name in the policy. */
  readonly route: string;
  /** As written, `/**` when the route gives no path. */
  readonly path: string;
  readonly pattern: PathPattern;
  readonly service: string;
  readonly auth: AuthRequirement;
  /** Undefined: whoever `auth` lets in. Never set on a public rule. */
  readonly requires: RuleRequirements | undefined;
  /** Limits of the route, shared by its paths. */
  readonly routeLimits: Limits | undefined;
  /** Limits of this path alone. */
  readonly pathLimits: Limits | undefined;
  readonly bodyBytes: number;
  /** Whether upgrades to WebSocket are taken (R-5). */
  readonly websocket: boolean;
  /** Undefined: no limit to the whole exchange. */
  readonly totalMs: number | undefined;
  /** Identity fields to set, lower-case name → where the value comes from. */
  readonly identityHeaders: readonly {
    readonly name: string;
    readonly value: ClaimPath;
  }[];
  /**
   * Providers that let the client's own Authorization go on with a request they accept, and nothing else
   * does: the route asks a provider that writes the field. Undefined: it always goes on.
   */
  readonly authorizationOf: readonly string[] | undefined;
  /** Forms of a path that applications read differently, and that this route takes all the same. */
  readonly pathForms: ReadonlySet<PathForm>;
  /** Fields removed by default that this route's application gets, lower case. */
  readonly forwardedNames: ReadonlySet<string>;
  /** Undefined: the application's own word, if any. */
  readonly cors: CorsPolicy | undefined;
  readonly position: SourcePosition;
}

/** `/a/b` exact; `/a/*` one more segment; `/a/**` the segment itself and all below. Linear to match (R-46). */
export interface PathPattern {
  readonly kind: 'exact' | 'one' | 'below';
  /** Literal part, no trailing slash for `one` and `below`: `/a`; empty for `/**`. */
  readonly literal: string;
}

export interface RouteTable {
  /** Exact host, lower case → its rules, in the order of precedence. */
  readonly exact: ReadonlyMap<string, HostRules>;
  /** Longest suffix first. */
  readonly wildcards: readonly WildcardHost[];
  /**
   * Every field name that any rule sets, folded (`foldFieldName`): deleted from every request, whatever
   * its route (R-8).
   */
  readonly guardedNames: ReadonlySet<string>;
}

export interface HostRules {
  readonly host: string;
  /** Empty for a passthrough host: no request of HTTP has a rule there. */
  readonly rules: readonly Rule[];
  readonly passthrough?: PassthroughRoute | undefined;
}

/** A host whose TLS connections go to the application untouched. */
export interface PassthroughRoute {
  /** The route's name in the policy. */
  readonly route: string;
  readonly service: string;
  /** Connections at the same time; undefined: as many as the listener takes. */
  readonly connections: number | undefined;
  readonly position: SourcePosition;
}

export interface WildcardHost extends HostRules {
  /** `.example.com` */
  readonly suffix: string;
  /** `*.` is one label, `**.` any number. */
  readonly labels: 'one' | 'any';
}
