import { bucketShape } from '../../core/bucket-shape.ts';
import { AddressList } from '../../core/address-list.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { APPLICATION_PROTOCOLS, CIPHER_SUITES } from '../../core/tls-policy.ts';
import type { RedisPlace } from '../../core/redis-place.ts';
import { Secret } from '../../core/secret.ts';
import { addressRules } from './compile-address-rules.ts';
import { defaultPreset } from './compile-field-rules.ts';
import { addressRate } from './compile-limits.ts';
import { compilePages } from './compile-pages.ts';
import type { PageFiles } from './compile-pages.ts';
import { DEFAULTS } from '../schema/schema.ts';
import type { PolicyDocument } from '../schema/schema.ts';
import type {
  AdminPolicy,
  ClientLimits,
  GatewayLimits,
  GatewayPolicy,
  HstsPolicy,
  NetworkPolicy,
  RouterLink,
  SessionsPolicy,
  StorePolicy,
  WatchPolicy,
} from '../snapshot/snapshot.ts';
import type { CertificateSource } from '../snapshot/snapshot.ts';

type GatewayInput = NonNullable<PolicyDocument['gateway']>;
type StoreInput = NonNullable<GatewayInput['store']>;
type NetworkInput = NonNullable<PolicyDocument['network']>;

/** What was read for the gateway besides the set itself. */
export interface GatewayMaterial {
  readonly certificates: readonly CertificateSource[];
  readonly defaultCertificate: CertificateSource | undefined;
  readonly storeCa: string | undefined;
  readonly pageFiles: PageFiles;
  readonly hasHttpsPort: boolean;
  readonly adminCertificate: CertificateSource | undefined;
  /** Authorities of `gateway.admin.auth.clientCa`, in PEM. */
  readonly adminCa: string | undefined;
  readonly shedding: GatewayPolicy['shedding'];
}

export function compileGateway(input: GatewayInput, material: GatewayMaterial): GatewayPolicy {
  const { certificates, defaultCertificate, storeCa, pageFiles } = material;
  const { listen, from, drain, hsts } = input;
  return {
    listen: {
      https: material.hasHttpsPort ? (listen?.https ?? DEFAULTS.httpsListen) : undefined,
      http: listen?.http,
      plain: listen?.plain?.address,
    },
    publicPort: input.publicPort,
    certificates,
    defaultCertificate,
    tls: tlsPolicy(input.tls ?? {}),
    from: from && addressRules([[['gateway', 'from'], from]]),
    proxyProtocol: listen?.proxyProtocol && new AddressList(listen.proxyProtocol.from),
    plainPeers: listen?.plain && new AddressList(listen.plain.from),
    trustedProxies: trustedProxies(input.trustedProxies),
    admin: adminPolicy(input.admin ?? {}, material),
    drain: {
      delayMs: drain?.delay ?? DEADLINES.drainDelayMs,
      limitMs: drain?.limit ?? DEADLINES.drainLimitMs,
    },
    client: clientLimits(input.client ?? {}),
    hsts: hstsPolicy(hsts),
    limits: gatewayLimits(input.limits ?? {}),
    preset: defaultPreset(input.defaults?.headers),
    shedding: material.shedding,
    errors: { isDetailPublic: input.errors?.detail === 'public' },
    pages: compilePages(input.pages, pageFiles),
    store: storePolicy(input.store, storeCa),
    sessions: sessionsPolicy(input.sessions ?? {}),
    state: input.state,
    watch: watchPolicy(input.watch ?? {}),
  };
}

function adminPolicy(
  { listen, health, metrics, auth, hosts = [] }: NonNullable<GatewayInput['admin']>,
  { adminCertificate, adminCa }: GatewayMaterial,
): AdminPolicy {
  return {
    listen: listen ?? DEFAULTS.adminListen,
    health,
    metrics: metrics ?? DEFAULTS.healthMetrics,
    certificate: adminCertificate,
    auth: adminAuth(auth?.tokens, adminCa),
    hosts: hosts.map((host) => host.toLowerCase()),
  };
}

function adminAuth(tokens: readonly string[] | undefined, caPem: string | undefined) {
  if (tokens !== undefined) {
    return { kind: 'tokens', tokens: tokens.map((token) => new Secret(token)) } as const;
  }
  return caPem === undefined ? undefined : ({ kind: 'clientCa', caPem } as const);
}

function watchPolicy(input: NonNullable<GatewayInput['watch']>): WatchPolicy | undefined {
  if (input === 'off') return undefined;
  return {
    settleMs: input.settle ?? DEADLINES.watchSettleMs,
    pollMs: input.poll ?? DEADLINES.watchPollMs,
  };
}

function tlsPolicy(input: NonNullable<GatewayInput['tls']>): GatewayPolicy['tls'] {
  return {
    min: input.min ?? 'TLSv1.2',
    max: input.max ?? 'TLSv1.3',
    ciphers: input.ciphers ?? CIPHER_SUITES,
    groups: input.groups,
    alpn: input.alpn ?? APPLICATION_PROTOCOLS,
  };
}

function trustedProxies(input: GatewayInput['trustedProxies']): GatewayPolicy['trustedProxies'] {
  if (input === undefined) return undefined;
  const { from, field = DEFAULTS.forwardedBy } = Array.isArray(input) ? { from: input } : input;
  return { from: new AddressList(from), field };
}

function hstsPolicy(input: string | undefined): HstsPolicy | undefined {
  if (input === 'off') return undefined;
  return { value: input ?? DEFAULTS.hsts, isDefault: input === undefined };
}

function storePolicy(
  input: GatewayInput['store'],
  caPem: string | undefined,
): StorePolicy | undefined {
  if (input === undefined) return undefined;
  return {
    place: redisPlace(input),
    caPem,
    user: input.user,
    password: secretOf(input.password),
    prefix: input.prefix ?? DEFAULTS.storePrefix,
    replicas: input.replicas ?? DEFAULTS.replicas,
    scriptMs: input.timeout ?? DEADLINES.limitStoreMs,
    whenDown: input.whenDown ?? DEFAULTS.whenDown,
  };
}

/** The schema lets exactly one of the three through. */
function redisPlace({ redis, cluster, sentinel }: StoreInput): RedisPlace {
  if (cluster) return { kind: 'cluster', urls: cluster.map((url) => new Secret(url)) };
  if (!sentinel) return { kind: 'single', url: new Secret(redis!) };
  const { master, nodes, password } = sentinel;
  const urls = nodes.map((url) => new Secret(url));
  return { kind: 'sentinel', master, urls, password: secretOf(password) };
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

function sessionsPolicy(input: NonNullable<GatewayInput['sessions']>): SessionsPolicy {
  return {
    store: input.store ?? DEFAULTS.sessionStore,
    idleMs: input.idle ?? DEADLINES.sessionIdleMs,
    absoluteMs: input.absolute ?? DEADLINES.sessionAbsoluteMs,
    keys: (input.keys ?? []).map((key) => new Secret(key)),
  };
}

function clientLimits(input: NonNullable<GatewayInput['client']>): ClientLimits {
  return {
    handshakeMs: input.handshake ?? DEADLINES.clientHandshakeMs,
    headersMs: input.headers ?? DEADLINES.clientHeadersMs,
    bodyMinRate: input.bodyMinRate ?? DEFAULTS.bodyMinRate,
    bodyTotalMs: input.bodyTotal,
    writeMs: input.write ?? DEADLINES.clientWriteMs,
    idleMs: input.idle ?? DEADLINES.clientIdleMs,
  };
}

function gatewayLimits(input: NonNullable<GatewayInput['limits']>): GatewayLimits {
  const perAddress = input.perClientAddress;
  return {
    connections: input.connections ?? DEFAULTS.connections,
    perClientAddress: {
      connections: perAddress?.connections ?? DEFAULTS.connectionsPerAddress,
      rate: perAddress?.rate && addressRate(perAddress.rate),
      handshakes: perAddress?.handshakes && bucketShape(perAddress.handshakes, undefined),
    },
    headerBytes: input.headerSize ?? DEFAULTS.headerBytes,
    headerCount: input.headerCount ?? DEFAULTS.headerCount,
  };
}

export function compileNetwork(input: NetworkInput, links: readonly RouterLink[]): NetworkPolicy {
  return {
    links,
    connections: input.connections ?? DEFAULTS.routerConnections,
    creditWaitMs: input.creditWait ?? DEADLINES.laneCreditMs,
    openWaitMs: input.openWait ?? DEADLINES.laneOpenMs,
    backoff: {
      minMs: input.backoff?.min ?? DEADLINES.reconnectMinMs,
      maxMs: input.backoff?.max ?? DEADLINES.reconnectMaxMs,
    },
    unackedLimitBytes: input.unackedLimit ?? DEFAULTS.unackedBytes,
  };
}
