import type { AddressInfo } from 'node:net';
import { AdminServer } from '../admin/admin-server.ts';
import type { AdminAction, ConfigStatus } from '../admin/admin-sources.ts';
import type { Clock } from '../core/clock.ts';
import { isSameValue } from '../core/same-value.ts';
import { Forwarder } from '../forward/forward.ts';
import { Listener } from '../listener/listener.ts';
import type { BoundAddresses } from '../listener/listener.ts';
import type { Generation } from '../evaluate/generation.ts';
import { Passthrough } from '../pipeline/pipeline.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { KINDS, PluginHost } from '../plugin/host/host.ts';
import type { ProviderHost } from '../plugin/host/host.ts';
import type { AdminPolicy, PolicySnapshot } from '../policy/snapshot/snapshot.ts';
import { DropLog, GatewayMetrics, METRICS_CONTENT_TYPE, tellDrops } from '../record/record.ts';
import type { AccessLog, KeptDecisions, Log } from '../record/record.ts';
import { warnOncePerTier } from '../evaluate/tenant/unknown-tier-warnings.ts';
import { createOpenConnection, createOpenPassthrough } from '../upstream/transport/transport.ts';
import { OutlierGuard } from '../upstream/outlier-guard.ts';
import { createPluginFetch } from '../upstream/plugin-fetch.ts';
import type { AddressChoice } from '../upstream/addresses/address-choice.ts';
import { createAddressChoice } from './build/create-address-choice.ts';
import { AddressedUpstream } from '../upstream/addresses/addressed-upstream.ts';
import { openOneOf } from '../upstream/addresses/open-one-of.ts';
import { ServicePools } from '../upstream/service-pools.ts';
import { certificateStatuses } from './observe/certificate-statuses.ts';
import { createPipeline } from './build/create-pipeline.ts';
import { drain } from './drain.ts';
import { EarlyCollection } from './early-collection.ts';
import { listenerConfig } from './build/listener-config.ts';
import type { LoadedSet } from './load/load-policy-set.ts';
import { NetworkHolder } from './reload/network-holder.ts';
import { RecentChanges } from './observe/recent-changes.ts';
import { observeMetrics } from './observe/observe-metrics.ts';
import { pluginCapabilities } from './build/plugin-capabilities.ts';
import { providerSettings } from './build/provider-settings.ts';
import { readiness } from './observe/readiness.ts';
import { refusedStatus } from './observe/refused-status.ts';
import type { RefusedSet } from './observe/refused-status.ts';
import { trafficParts } from './build/traffic-parts.ts';
import type { TrafficParts } from './build/traffic-parts.ts';
import { COOKIE_SESSIONS_WARNING, LastingState } from './build/lasting-state.ts';

export interface GatewayOptions {
  readonly set: Extract<LoadedSet, { kind: 'ok' }>;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined: no access lines. */
  readonly accessLog: (metrics: GatewayMetrics) => AccessLog | undefined;
  readonly version: string;
  /** The earlier policies that can be gone back to. Default: none. */
  readonly generations?: () => ConfigStatus['generations'];
}

/** The composition root: builds every part once, joins them, and replaces what a reload changes. */
export class Gateway {
  readonly metrics = new GatewayMetrics();
  readonly #options: GatewayOptions;
  readonly #network: NetworkHolder;
  readonly #pools: ServicePools;
  readonly #addresses: AddressChoice;
  readonly #outliers: OutlierGuard;
  readonly #plugins: ProviderHost;
  readonly #pluginFetch = createPluginFetch();
  readonly #lasting: LastingState;
  readonly #decisions: KeptDecisions;
  readonly #pipeline: Pipeline;
  readonly #passthrough: Passthrough;
  readonly #listener: Listener;
  #generation: Generation;
  /** What is served now, since when, and what it changed. */
  #set: GatewayOptions['set'];
  #sinceMs = 0;
  readonly #changes = new RecentChanges();
  #pinned: number | undefined;
  #refused: ConfigStatus['refused'];
  #admin: AdminServer | undefined;
  #actions: ReadonlyMap<string, AdminAction> = new Map();
  #bound: BoundAddresses | undefined;
  #isDraining = false;

  private constructor(options: GatewayOptions) {
    this.#options = options;
    const { clock, log, set, version } = options;
    const { metrics } = this;
    this.#set = set;
    const onRerouted = () => this.#pools.renew();
    this.#network = new NetworkHolder({ clock, log, version, onRerouted });
    this.#lasting = new LastingState({
      clock,
      log,
      store: set.snapshot.gateway.store,
      sessions: () => this.#generation.snapshot.gateway.sessions,
    });
    this.#outliers = new OutlierGuard(clock);
    const transport = { clock, network: () => this.#network.current };
    const open = createOpenConnection(transport);
    this.#pools = new ServicePools(this.#outliers.guard(open), clock, this.#outliers);
    this.#addresses = createAddressChoice(transport.network, this.#outliers);
    this.#plugins = new PluginHost(
      KINDS.authenticator,
      pluginCapabilities({
        clock,
        log,
        metrics,
        fetch: this.#pluginFetch.fetch,
        lasting: this.#lasting,
      }),
    );
    const { providers } = this.#plugins.start(providerSettings(set.snapshot, set.catalogue));
    this.#generation = { snapshot: set.snapshot, providers, publicPort: 0 };
    const stages = trafficParts({ ...options, metrics, generation: () => this.#generation });
    this.#decisions = stages.ring;
    this.#pipeline = this.#createPipeline(stages);
    const openPassthrough = createOpenPassthrough(transport);
    this.#passthrough = new Passthrough({
      ...stages,
      open: openOneOf(this.#addresses, (service, signal) =>
        this.#outliers.guard((guarded) => openPassthrough(guarded, signal))(service),
      ),
    });
    this.#listener = new Listener({
      ...set.snapshot.gateway.listen,
      config: listenerConfig(set.snapshot),
      handler: this.#pipeline,
      passthrough: this.#passthrough,
      clock,
      onDrop: tellDrops(metrics, new DropLog(log, clock)),
    });
    observeMetrics(metrics, {
      pipeline: this.#pipeline,
      passthrough: this.#passthrough,
      listener: this.#listener,
      network: () => this.#network.current,
      pendingNetwork: () => this.#network.pending,
      pools: this.#pools,
      outliers: this.#outliers,
      certificateTerms: () => this.snapshot.certificateTerms,
    });
  }

  /**
   * Resolves when the ports are bound; routers and providers may come later, and readiness tells.
   * Rejects with a sentence when a port is taken, and then leaves nothing open.
   */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options);
    try {
      await gateway.#start();
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  get https(): AddressInfo {
    return this.#bound!.https;
  }

  get http(): AddressInfo | undefined {
    return this.#bound?.http;
  }

  /** Of `gateway.listen.plain`. */
  get plain(): AddressInfo | undefined {
    return this.#bound?.plain;
  }

  get adminPort(): number {
    return this.#admin!.port;
  }

  /** Of `gateway.admin.health`. */
  get healthPort(): number | undefined {
    return this.#admin!.healthPort;
  }

  get snapshot(): PolicySnapshot {
    return this.#generation.snapshot;
  }

  get isReady(): boolean {
    return this.#readiness().isReady;
  }

  /** What can be asked of the gateway by a POST on the admin listener, by path. */
  offer(actions: ReadonlyMap<string, AdminAction>): void {
    this.#actions = actions;
  }

  /** Serves a good set from the next request on; does nothing while the gateway drains. One at a time. */
  async reload(set: Extract<LoadedSet, { kind: 'ok' }>): Promise<void> {
    const { snapshot } = set;
    this.#warnOfFixedAddresses(snapshot);
    // What can still fail comes before plugins are replaced: the running policy needs its own.
    const updateListener = this.#listener.prepare(listenerConfig(snapshot));
    const providers = await this.#plugins.reload(providerSettings(snapshot, set.catalogue));
    // A new network would keep a process alive that has let go of everything else.
    if (this.#isDraining) return;
    updateListener();
    this.#admin?.update(snapshot.gateway.admin);
    this.#network.apply(snapshot);
    this.#serve({ snapshot, providers, publicPort: this.#publicPort(snapshot) });
    this.#changes.note(this.#set, set);
    this.#set = set;
    this.#pools.retain(snapshot.services);
    this.#outliers.retain(snapshot.services);
    this.#refused = undefined;
    this.#reportReload(snapshot.generation);
  }

  #reportReload(generation: number): void {
    const { log } = this.#options;
    const kept = this.#plugins.kept();
    if (kept.length === 0) log.info('policy reloaded', { generation });
    else log.warn('policy reloaded', { generation, not_replaced: kept });
  }

  /**
   * A set with errors, or why none could be read: the running one is kept, and `/-/config` and the metrics say so.
   * Undefined: the files are good again, and nothing of them is new. Returns the errors as text.
   */
  noteRefused(refused: RefusedSet | string | undefined): string {
    this.#refused =
      refused === undefined ? undefined : refusedStatus(refused, this.#options.clock.now());
    this.metrics.configLastReloadOk.set(refused === undefined ? 1 : 0);
    if (this.#refused === undefined) return '';
    this.#options.log.error('policy not reloaded: the running one was kept', {
      generation: this.snapshot.generation,
    });
    return this.#refused.errors;
  }

  /** The earlier generation that an operator went back to; undefined: the files are served. */
  notePinned(generation: number | undefined): void {
    this.#pinned = generation;
  }

  /** SIGTERM: fails readiness, lets go of clients within the policy's limits, then stops. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    const { clock, log } = this.#options;
    const { delayMs, limitMs } = this.snapshot.gateway.drain;
    await drain({
      clock,
      log,
      listener: this.#listener,
      pipeline: this.#pipeline,
      passthrough: this.#passthrough,
      delayMs,
      limitMs,
    });
    await this.stop();
  }

  /** Closes everything now. Idempotent. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    this.#listener.stopAccepting();
    this.#listener.destroyAll();
    await this.#listener.closed();
    await Promise.all([this.#pools.destroy(), this.#network.close(), this.#plugins.close()]);
    await this.#pluginFetch.close();
    await this.#lasting.close();
    await this.#admin?.close();
    this.#admin = undefined;
  }

  async #start(): Promise<void> {
    const { snapshot } = this.#generation;
    this.#admin = await AdminServer.start(snapshot.gateway.admin, {
      readiness: () => this.#readiness(),
      metrics: () => ({ body: this.metrics.render(), contentType: METRICS_CONTENT_TYPE }),
      config: () => this.#configStatus(),
      network: () => this.#network.current?.status(),
      decisions: this.#decisions,
      action: (path) => this.#actions.get(path),
    });
    this.#bound = await this.#listener.listen();
    this.#network.apply(snapshot);
    this.#serve({ ...this.#generation, publicPort: this.#publicPort(snapshot) });
  }

  #createPipeline(stages: TrafficParts): Pipeline {
    const { clock, log } = this.#options;
    const collection = new EarlyCollection();
    return createPipeline({
      ...stages,
      forwarder: new Forwarder(new AddressedUpstream(this.#pools, this.#addresses), clock),
      onOctets: (bytes) => collection.moved(bytes),
      sessions: this.#lasting.sessions,
      onUnknownTier: warnOncePerTier((message) => log.warn(message)),
    });
  }

  #serve(generation: Generation): void {
    const { sessions } = generation.snapshot.gateway;
    if (sessions.store === 'cookie') this.#options.log.warn(COOKIE_SESSIONS_WARNING);
    this.#generation = generation;
    this.#sinceMs = this.#options.clock.now();
    this.metrics.configGeneration.set(generation.snapshot.generation);
    this.metrics.configLastReloadOk.set(1);
  }

  #publicPort(snapshot: PolicySnapshot): number {
    return snapshot.gateway.publicPort ?? this.https.port;
  }

  #readiness(): ReturnType<typeof readiness> {
    return readiness({
      isDraining: () => this.#isDraining,
      network: () => this.#network.current,
      pendingNetwork: () => this.#network.pending,
      refusedSet: () => this.#refused?.errors,
      plugins: this.#plugins,
      store: this.#lasting.store,
      certificateTerms: () => this.snapshot.certificateTerms,
      nowMs: () => this.#options.clock.now(),
    });
  }

  #configStatus(): ConfigStatus {
    const { generation, hash, certificateTerms } = this.#generation.snapshot;
    const running = {
      generation,
      hash,
      since: new Date(this.#sinceMs).toISOString(),
      files: this.#set.texts.map(({ name }) => name),
      ...(this.#pinned !== undefined && { pinned: this.#pinned }),
    };
    const changes = this.#changes.list;
    const certificates = certificateStatuses(certificateTerms, this.#options.clock.now());
    const notReplaced = this.#plugins.kept();
    const generations = this.#options.generations?.() ?? [];
    return { running, changes, refused: this.#refused, generations, notReplaced, certificates };
  }

  /** Sockets are bound once; saying nothing would let an operator wait for a port that never opens. */
  #warnOfFixedAddresses(next: PolicySnapshot): void {
    const before = this.snapshot.gateway;
    const isSame =
      isSameValue(before.listen, next.gateway.listen) &&
      isSameValue(fixedOf(before.admin), fixedOf(next.gateway.admin));
    const { log } = this.#options;
    if (!isSame)
      log.warn('the addresses of gateway.listen and gateway.admin take effect at the next start');
    if (isSameValue(before.store, next.gateway.store)) return;
    log.warn('gateway.store takes effect at the next start');
  }
}

/** What a bound admin listener cannot change. */
function fixedOf({ listen, health, metrics, certificate, auth }: AdminPolicy): unknown {
  return { listen, health, metrics, isTls: certificate !== undefined, asks: auth?.kind };
}
