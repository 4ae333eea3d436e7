import type { Clock } from '../../core/clock.ts';
import type { Generation } from '../../evaluate/generation.ts';
import { warnOncePerTier } from '../../evaluate/tenant/unknown-tier-warnings.ts';
import { Forwarder } from '../../forward/forward.ts';
import { Listener } from '../../listener/listener.ts';
import { Passthrough } from '../../pipeline/pipeline.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { KINDS, PluginHost } from '../../plugin/host/host.ts';
import type { ProviderHost } from '../../plugin/host/host.ts';
import { DropLog, tellDrops } from '../../record/record.ts';
import type { AccessLog, GatewayMetrics, KeptDecisions, Log } from '../../record/record.ts';
import { AddressedUpstream } from '../../upstream/addresses/addressed-upstream.ts';
import { openOneOf } from '../../upstream/addresses/open-one-of.ts';
import { RefusedKeys } from '../../upstream/addresses/refused-keys.ts';
import { createHealthChecks } from './create-health-checks.ts';
import type { HealthChecks } from '../../upstream/health/health-checks.ts';
import { HealthGate } from '../../upstream/health/health-gate.ts';
import { OutlierGuard } from '../../upstream/outlier-guard.ts';
import { createPluginFetch } from '../../upstream/plugin-fetch.ts';
import { ServicePools } from '../../upstream/service-pools.ts';
import { createOpenConnection, createOpenPassthrough } from '../../upstream/transport/transport.ts';
import { EarlyCollection } from '../early-collection.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';
import { observeMetrics } from '../observe/observe-metrics.ts';
import { NetworkHolder } from '../reload/network-holder.ts';
import { createAddressChoice } from './create-address-choice.ts';
import { createShedder } from './create-shedder.ts';
import type { Shedder } from '../../evaluate/shed/shedder.ts';
import { createPipeline } from './create-pipeline.ts';
import { LastingState } from './lasting-state.ts';
import { listenerConfig } from './listener-config.ts';
import { pluginCapabilities } from './plugin-capabilities.ts';
import { providerSettings } from './provider-settings.ts';
import { trafficParts } from './traffic-parts.ts';

export interface PartsOptions {
  readonly set: Extract<LoadedSet, { kind: 'ok' }>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  /** Undefined: no access lines. */
  readonly accessLog: (metrics: GatewayMetrics) => AccessLog | undefined;
  readonly version: string;
  /** The one that serves now. Not asked before `createParts` has returned. */
  readonly generation: () => Generation;
}

/** What lives as long as the gateway. */
export interface GatewayParts {
  /** The first; its port is not known yet. */
  readonly generation: Generation;
  readonly network: NetworkHolder;
  readonly pools: ServicePools;
  readonly outliers: OutlierGuard;
  readonly health: HealthChecks;
  readonly plugins: ProviderHost;
  readonly pluginFetch: ReturnType<typeof createPluginFetch>;
  readonly lasting: LastingState;
  readonly decisions: KeptDecisions;
  readonly shedder: Shedder;
  readonly pipeline: Pipeline;
  readonly passthrough: Passthrough;
  readonly listener: Listener;
}

/** Builds every part once and joins them. Nothing listens, and nothing connects to the network yet. */
export function createParts(options: PartsOptions): GatewayParts {
  const { clock, log, set, metrics, generation } = options;
  const lasting = new LastingState({
    clock,
    log,
    store: set.snapshot.gateway.store,
    sessions: () => generation().snapshot.gateway.sessions,
  });
  const plugins = createPlugins(options, lasting);
  const upstream = createUpstream(options);
  const traffic = createTraffic(options, upstream, lasting);
  const { network, pools, outliers, health } = upstream;
  observeMetrics(metrics, {
    ...traffic,
    network: () => network.current,
    pendingNetwork: () => network.pending,
    pools,
    outliers,
    health,
    certificateTerms: () => generation().snapshot.certificateTerms,
  });
  return { lasting, ...plugins, network, pools, outliers, health, ...traffic };
}

function createPlugins({ set, clock, log, metrics }: PartsOptions, lasting: LastingState) {
  const pluginFetch = createPluginFetch();
  const { fetch } = pluginFetch;
  const plugins = new PluginHost(
    KINDS.authenticator,
    pluginCapabilities({ clock, log, metrics, fetch, lasting }),
  );
  const { providers } = plugins.start(providerSettings(set.snapshot, set.catalogue));
  return { plugins, pluginFetch, generation: { snapshot: set.snapshot, providers, publicPort: 0 } };
}

/** Ways to applications: for requests, and for connections that carry the client's own TLS. */
function createUpstream({ clock, log, metrics, version }: PartsOptions) {
  const onRerouted = (): void => pools.renew();
  const network = new NetworkHolder({ clock, log, version, onRerouted });
  const outliers = new OutlierGuard(clock);
  const transport = { clock, network: () => network.current };
  const refused = new RefusedKeys(clock);
  const opening = outliers.guard(refused.observe(createOpenConnection(transport)));
  const pools = new ServicePools(opening, clock, outliers);
  const addresses = createAddressChoice(transport.network, outliers, refused);
  const health = createHealthChecks({ clock, log, metrics, open: createOpenConnection(transport) });
  const openPassthrough = refused.observe(createOpenPassthrough(transport));
  const open = openOneOf(addresses, (service, signal) =>
    outliers.guard((guarded) => openPassthrough(guarded, signal))(service),
  );
  const upstream = new HealthGate(new AddressedUpstream(pools, addresses), health);
  return { network, pools, outliers, health, open, upstream };
}

/** What clients connect to, and what becomes of their requests and connections. */
function createTraffic(
  options: PartsOptions,
  { upstream, open }: Pick<ReturnType<typeof createUpstream>, 'upstream' | 'open'>,
  lasting: LastingState,
) {
  const { set, clock, log, metrics } = options;
  const stages = trafficParts({ ...options, lasting });
  const collection = new EarlyCollection();
  const shedder = createShedder({ clock, log, metrics, queue: () => pipeline.openCount });
  const pipeline: Pipeline = createPipeline({
    ...stages,
    shedder,
    forwarder: new Forwarder(upstream, clock),
    onOctets: (bytes) => collection.moved(bytes),
    sessions: lasting.sessions,
    onUnknownTier: warnOncePerTier((message) => log.warn(message)),
  });
  const passthrough = new Passthrough({ ...stages, open });
  const listener = new Listener({
    ...set.snapshot.gateway.listen,
    config: listenerConfig(set.snapshot),
    handler: pipeline,
    passthrough,
    clock,
    onDrop: tellDrops(metrics, new DropLog(log, clock)),
  });
  return { pipeline, passthrough, listener, shedder, decisions: stages.ring };
}
