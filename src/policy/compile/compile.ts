// From a checked document to the frozen snapshot; compile.ts is what the rest of `policy/` calls.
//   compile-gateway, compile-pages        the gateway itself, and how its pages look
//   compile-routes, compile-rule, rule-values, compile-require, compile-cors, origins,
//     compile-answer                    what holds on each path
//   compile-limits, compile-addresses     limits of tiers and routes, routing keys of services
//   compile-shedding                      who is refused first under overload
//   compile-address-rules                 which clients may come in, by address
//   compile-tests                         cases of `fairlead test`
import type { CertificateTerm } from '../../core/certificate-term.ts';
import { bareHost } from '../../core/network-addresses.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import type { RoutingKey } from '../../core/ids.ts';
import { compileAddresses } from './compile-addresses.ts';
import { compileGateway, compileNetwork } from './compile-gateway.ts';
import { overriddenLimits, tenantLimits } from './compile-limits.ts';
import type { PageFiles } from './compile-pages.ts';
import { compileShedding } from './compile-shedding.ts';
import { compileTests } from './compile-tests.ts';
import { deepFreeze } from '../../core/deep-freeze.ts';
import { compileRoutes } from './compile-routes.ts';
import type { CheckedRoutes } from './compile-routes.ts';
import { looksLikeUrl, parseServiceUrl } from '../rules/service-url.ts';
import { DEFAULTS } from '../schema/schema.ts';
import type { LimitsInput, PolicyDocument, ServiceInput, StoreInput } from '../schema/schema.ts';
import type {
  CertificateSource,
  PolicySnapshot,
  ProviderPolicy,
  RouterLink,
  RouteTable,
  ServicePolicy,
  ServiceVia,
  TenantLimits,
  TenantsPolicy,
  TlsClientCredentials,
} from '../snapshot/snapshot.ts';

/** A document without errors, and all that was read for it. */
export interface CheckedSet extends CheckedRoutes {
  readonly generation: number;
  readonly hash: string;
  readonly directory: string;
  readonly certificates: readonly CertificateSource[];
  readonly defaultCertificate: CertificateSource | undefined;
  /** Authorities of `gateway.store`, in PEM. */
  readonly storeCa: string | undefined;
  readonly pageFiles: PageFiles;
  readonly hasHttpsPort: boolean;
  readonly adminCertificate: CertificateSource | undefined;
  /** Authorities of `gateway.admin.auth.clientCa`, in PEM. */
  readonly adminCa: string | undefined;
  readonly links: readonly RouterLink[];
  readonly serviceTls: ReadonlyMap<string, TlsClientCredentials>;
  /** Validated options by provider. */
  readonly options: ReadonlyMap<string, unknown>;
  /** Digest of the files that the options name, by provider. */
  readonly providerFiles: ReadonlyMap<string, string>;
  readonly certificateTerms: readonly CertificateTerm[];
}

/** The frozen snapshot of a checked set. */
export function compilePolicy(set: CheckedSet): PolicySnapshot {
  const { document } = set;
  const routes = compileRoutes(set);
  return deepFreeze({
    generation: set.generation,
    hash: set.hash,
    directory: set.directory,
    certificateTerms: set.certificateTerms,
    gateway: compileGateway(document.gateway ?? {}, {
      ...set,
      shedding: compileShedding(document),
    }),
    network:
      document.network === undefined ? undefined : compileNetwork(document.network, set.links),
    services: compileServices(routes, set),
    providers: compileProviders(set),
    tenants: compileTenants(document),
    tiers: new Map(
      Object.entries(document.tiers ?? {}).map(([name, tier]) => [
        name,
        tenantLimits(`tiers.${name}`, tier, document.gateway?.store),
      ]),
    ),
    routes,
    tests: compileTests(document.tests ?? [], (index) => set.positionOf(['tests', index])),
  });
}

/** Only services that requests can come to are permitted; a name without an entry is a routing key. */
function compileServices(
  { exact, wildcards }: RouteTable,
  set: CheckedSet,
): ReadonlyMap<string, ServicePolicy> {
  const named = [...exact.values(), ...wildcards].flatMap(({ rules, passthrough }) => [
    ...rules.map(({ service }) => service),
    passthrough?.service,
  ]);
  const names = new Set(named.filter((name) => name !== undefined));
  const connects = longestConnects({ exact, wildcards });
  return new Map([...names].map((name) => [name, compileService(name, set, connects.get(name))]));
}

/** Connections are shared, so one is tried for as long as the most patient rule of its service waits. */
function longestConnects({
  exact,
  wildcards,
}: Pick<RouteTable, 'exact' | 'wildcards'>): ReadonlyMap<string, number> {
  const longest = new Map<string, number>();
  for (const { rules } of [...exact.values(), ...wildcards]) {
    for (const { service, timeout } of rules) {
      if (service === undefined) continue;
      longest.set(service, Math.max(timeout.connectMs, longest.get(service) ?? 0));
    }
  }
  return longest;
}

/** `connectMs`: undefined where no rule leads there, but connections that pass through. */
function compileService(
  name: string,
  set: CheckedSet,
  connectMs: number | undefined,
): ServicePolicy {
  const input = inputOf(name, set);
  const url = input.url === undefined ? undefined : parseServiceUrl(input.url);
  const defaults = set.document.gateway?.defaults;
  const { addresses } = input;
  const own = { ...defaults?.timeout, ...input.timeout };
  const service: ServicePolicy = {
    name,
    address: (url?.authority ?? input.address ?? name) as RoutingKey,
    via: viaOf(name, input, set),
    protocol: input.protocol ?? DEFAULTS.protocol,
    balance: input.balance ?? DEFAULTS.balance,
    hostHeader: input.hostHeader ?? DEFAULTS.hostHeader,
    timeout: {
      connectMs: connectMs ?? own.connect ?? DEADLINES.upstreamConnectMs,
      idleMs: own.idle ?? DEADLINES.upstreamIdleMs,
    },
    outlier: {
      failures: input.outlier?.failures ?? DEFAULTS.outlierFailures,
      minMs: input.outlier?.min ?? DEADLINES.outlierMinMs,
      maxMs: input.outlier?.max ?? DEADLINES.outlierMaxMs,
    },
    health: healthOf(input.health),
    retry: retryOf(input.retry),
    maxConnections: input.maxConnections ?? DEFAULTS.maxConnections,
    responseHeadBytes: input.responseHead ?? defaults?.responseHead ?? DEFAULTS.responseHeadBytes,
  };
  if (addresses === undefined) return service;
  const several = compileAddresses(addresses, service);
  return { ...service, address: several.members[0]!.service.address, addresses: several };
}

function healthOf(health: ServiceInput['health']): ServicePolicy['health'] {
  if (health === undefined) return undefined;
  return {
    path: health.path,
    everyMs: health.every ?? DEADLINES.healthEveryMs,
    timeoutMs: health.timeout ?? DEADLINES.healthTimeoutMs,
    unhealthy: health.unhealthy ?? DEFAULTS.healthUnhealthy,
    healthy: health.healthy ?? DEFAULTS.healthHealthy,
  };
}

function retryOf(retry: ServiceInput['retry'] = {}): ServicePolicy['retry'] {
  if (retry === 'off') return undefined;
  return {
    ratio: retry.ratio ?? DEFAULTS.retryRatio,
    withinMs: retry.within ?? DEADLINES.upstreamRetryMs,
  };
}

function viaOf(name: string, input: ServiceInput, set: CheckedSet): ServiceVia {
  const tls = set.serviceTls.get(name);
  const isInsecure = input.insecure === true;
  if (input.url !== undefined) return { ...urlOf(input.url, tls), isInsecure };
  if (input.via !== 'tcp') return { kind: 'amqp', tls, alpn: input.alpn };
  return { kind: 'tcp', host: bareHost(input.host!), port: input.port!, tls, isInsecure };
}

/** A URL in a route has no entry. */
function inputOf(name: string, { document }: CheckedSet): ServiceInput {
  const { services = {} } = document;
  if (Object.hasOwn(services, name)) return services[name]!;
  return looksLikeUrl(name) ? { url: name } : {};
}

function urlOf(text: string, given: TlsClientCredentials | undefined) {
  // `checkServices` and the schema have read it before.
  const { isSecure, host, port } = parseServiceUrl(text)!;
  const tls = isSecure ? { ...NO_CREDENTIALS, ...given } : undefined;
  return {
    kind: 'url' as const,
    host,
    port,
    tls: tls && { ...tls, serverName: tls.serverName ?? host },
  };
}

const NO_CREDENTIALS: TlsClientCredentials = {
  caPem: undefined,
  certPem: undefined,
  keyPem: undefined,
  serverName: undefined,
};

function compileProviders(set: CheckedSet): ReadonlyMap<string, ProviderPolicy> {
  const providers = Object.entries(set.document.providers ?? {});
  return new Map(
    providers.map(([name, input]) => [
      name,
      {
        name,
        plugin: input.plugin,
        timeoutMs: input.timeout ?? DEADLINES.pluginCallMs,
        options: set.options.get(name),
        files: set.providerFiles.get(name) ?? '',
        position: set.positionOf(['providers', name]),
      },
    ]),
  );
}

function compileTenants({
  tenants,
  tiers = {},
  gateway,
}: PolicyDocument): TenantsPolicy | undefined {
  if (tenants === undefined) return undefined;
  const overrides = Object.entries(tenants.overrides ?? {});
  return {
    id: tenants.id,
    tier: { from: tenants.tier?.from, default: tenants.tier?.default },
    anonymous: { tier: tenants.anonymous?.tier },
    overrides: new Map(
      overrides.map(([tenant, { tier, limits }]) => [
        tenant,
        {
          tier,
          limits:
            limits && limitsByTier({ override: limits, own: tier, tiers, store: gateway?.store }),
        },
      ]),
    ),
  };
}

/** For each tier that the tenant may be in: the one that the override names, else any, or none. */
function limitsByTier({
  override,
  own,
  tiers,
  store,
}: {
  readonly override: LimitsInput;
  readonly own: string | undefined;
  readonly tiers: Readonly<Record<string, LimitsInput>>;
  readonly store: StoreInput | undefined;
}): ReadonlyMap<string | undefined, TenantLimits> {
  const names = own === undefined ? [undefined, ...Object.keys(tiers)] : [own];
  return new Map(
    names.map((name) => [
      name,
      overriddenLimits(name === undefined ? undefined : tiers[name], override, store),
    ]),
  );
}
