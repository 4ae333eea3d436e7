import { DEADLINES } from '../../core/deadlines.ts';
import { Secret } from '../../core/secret.ts';
import type { PolicyDocument } from '../schema/policy.ts';
import type {
  ClientLimits,
  GatewayLimits,
  GatewayPolicy,
  HstsPolicy,
  NetworkPolicy,
  RouterLink,
  SessionsPolicy,
  StorePolicy,
} from '../snapshot.ts';
import type { CertificateSource } from '../snapshot.ts';

type GatewayInput = NonNullable<PolicyDocument['gateway']>;
type NetworkInput = NonNullable<PolicyDocument['network']>;

/** Defaults of the policy language that are no waits; the waits are in core/deadlines.ts. */
export const GATEWAY_DEFAULTS = {
  httpsPort: 8443,
  admin: { address: '127.0.0.1', port: 9090 },
  bodyBytes: 10 * 1024 * 1024,
  headerBytes: 32 * 1024,
  responseHeadBytes: 16 * 1024,
  bodyMinRate: 240,
  connections: 10_000,
  connectionsPerAddress: 200,
  /** RFC 6797 6.1.1; a year is what the preload list and J2 want at least. */
  hsts: 'max-age=31536000',
  storePrefix: 'fairlead:',
} as const;

/** What was read for the gateway besides the set itself. */
export interface GatewayMaterial {
  readonly certificates: readonly CertificateSource[];
  readonly defaultCertificate: CertificateSource | undefined;
  readonly storeCa: string | undefined;
}

export function compileGateway(
  input: GatewayInput,
  { certificates, defaultCertificate, storeCa }: GatewayMaterial,
): GatewayPolicy {
  const { listen, drain, hsts } = input;
  return {
    listen: {
      https: listen?.https ?? { address: undefined, port: GATEWAY_DEFAULTS.httpsPort },
      http: listen?.http,
    },
    publicPort: input.publicPort,
    certificates,
    defaultCertificate,
    admin: input.admin?.listen ?? GATEWAY_DEFAULTS.admin,
    drain: {
      delayMs: drain?.delay ?? DEADLINES.drainDelayMs,
      limitMs: drain?.limit ?? DEADLINES.drainLimitMs,
    },
    client: clientLimits(input.client ?? {}),
    hsts: hstsPolicy(hsts),
    limits: gatewayLimits(input.limits ?? {}),
    store: storePolicy(input.store, storeCa),
    sessions: sessionsPolicy(input.sessions ?? {}),
  };
}

function hstsPolicy(input: string | undefined): HstsPolicy | undefined {
  if (input === 'off') return undefined;
  return { value: input ?? GATEWAY_DEFAULTS.hsts, isDefault: input === undefined };
}

function storePolicy(
  input: GatewayInput['store'],
  caPem: string | undefined,
): StorePolicy | undefined {
  if (input === undefined) return undefined;
  return {
    url: new Secret(input.redis),
    caPem,
    user: input.user,
    password: input.password === undefined ? undefined : new Secret(input.password),
    prefix: input.prefix ?? GATEWAY_DEFAULTS.storePrefix,
  };
}

function sessionsPolicy(input: NonNullable<GatewayInput['sessions']>): SessionsPolicy {
  return {
    store: input.store ?? 'server',
    idleMs: input.idle ?? DEADLINES.sessionIdleMs,
    absoluteMs: input.absolute ?? DEADLINES.sessionAbsoluteMs,
    keys: (input.keys ?? []).map((key) => new Secret(key)),
  };
}

function clientLimits(input: NonNullable<GatewayInput['client']>): ClientLimits {
  return {
    handshakeMs: input.handshake ?? DEADLINES.clientHandshakeMs,
    headersMs: input.headers ?? DEADLINES.clientHeadersMs,
    bodyMinRate: input.bodyMinRate ?? GATEWAY_DEFAULTS.bodyMinRate,
    bodyTotalMs: input.bodyTotal,
    writeMs: input.write ?? DEADLINES.clientWriteMs,
    idleMs: input.idle ?? DEADLINES.clientIdleMs,
  };
}

function gatewayLimits(input: NonNullable<GatewayInput['limits']>): GatewayLimits {
  const perAddress = input.perClientAddress;
  return {
    connections: input.connections ?? GATEWAY_DEFAULTS.connections,
    perClientAddress: {
      connections: perAddress?.connections ?? GATEWAY_DEFAULTS.connectionsPerAddress,
      rate: perAddress?.rate,
    },
    headerBytes: input.headerSize ?? GATEWAY_DEFAULTS.headerBytes,
  };
}

const DEFAULT_ROUTER_CONNECTIONS = 2;
/** Three thresholds of the stream protocol; more only moves the wait into the router's memory. */
const DEFAULT_UNACKED_BYTES = 3 * 1024 * 1024;

export function compileNetwork(input: NetworkInput, links: readonly RouterLink[]): NetworkPolicy {
  return {
    links,
    connections: input.connections ?? DEFAULT_ROUTER_CONNECTIONS,
    creditWaitMs: input.creditWait ?? DEADLINES.laneCreditMs,
    openWaitMs: input.openWait ?? DEADLINES.laneOpenMs,
    backoff: {
      minMs: input.backoff?.min ?? DEADLINES.reconnectMinMs,
      maxMs: input.backoff?.max ?? DEADLINES.reconnectMaxMs,
    },
    unackedLimitBytes: input.unackedLimit ?? DEFAULT_UNACKED_BYTES,
  };
}
