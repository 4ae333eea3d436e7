import type { AddressInfo } from 'node:net';
import { AdminServer } from '../admin/admin-server.ts';
import type { AdminAction, ConfigStatus } from '../admin/admin-sources.ts';
import type { Clock } from '../core/clock.ts';
import { DEFAULT_PORTS } from '../core/origin.ts';
import type { Generation } from '../evaluate/generation.ts';
import type { BoundAddresses } from '../listener/listener.ts';
import type { PolicySnapshot } from '../policy/snapshot/snapshot.ts';
import { GatewayMetrics, METRICS_CONTENT_TYPE } from '../record/record.ts';
import type { AccessLog, Log } from '../record/record.ts';
import { createParts } from './build/create-parts.ts';
import type { GatewayParts } from './build/create-parts.ts';
import { COOKIE_SESSIONS_WARNING } from './build/lasting-state.ts';
import { listenerConfig } from './build/listener-config.ts';
import { providerSettings } from './build/provider-settings.ts';
import { drain } from './drain.ts';
import type { LoadedSet } from './load/load-policy-set.ts';
import { ConfigReport } from './observe/config-report.ts';
import { readiness } from './observe/readiness.ts';
import type { RefusedSet } from './observe/refused-status.ts';
import { fixedSettingsChanged } from './reload/fixed-settings.ts';

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

/** The parts of `build/create-parts.ts` from start to stop, and what a reload replaces of them. */
export class Gateway {
  readonly metrics = new GatewayMetrics();
  readonly #options: GatewayOptions;
  readonly #parts: GatewayParts;
  readonly #report: ConfigReport;
  #generation: Generation;
  #admin: AdminServer | undefined;
  #actions: ReadonlyMap<string, AdminAction> = new Map();
  #bound: BoundAddresses | undefined;
  #isDraining = false;

  private constructor(options: GatewayOptions) {
    const { metrics } = this;
    this.#options = options;
    this.#parts = createParts({ ...options, metrics, generation: () => this.#generation });
    this.#generation = this.#parts.generation;
    this.#report = new ConfigReport(options.set);
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

  /** Undefined: a balancer ends TLS, and there is no https port. */
  get https(): AddressInfo | undefined {
    return this.#bound?.https;
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
    const fixed = fixedSettingsChanged(this.snapshot.gateway, snapshot.gateway);
    for (const sentence of fixed) this.#options.log.warn(sentence);
    // What can still fail comes before plugins are replaced: the running policy needs its own.
    const updateListener = this.#parts.listener.prepare(listenerConfig(snapshot));
    const providers = await this.#parts.plugins.reload(providerSettings(snapshot, set.catalogue));
    // A new network would keep a process alive that has let go of everything else.
    if (this.#isDraining) return;
    updateListener();
    this.#admin?.update(snapshot.gateway.admin);
    this.#parts.network.apply(snapshot);
    this.#serve({ snapshot, providers, publicPort: this.#publicPort(snapshot) });
    this.#report.replaced(set);
    this.#parts.pools.retain(snapshot.services);
    this.#parts.outliers.retain(snapshot.services);
    this.#parts.health.apply(snapshot.services);
    this.#reportReload(snapshot.generation);
  }

  #reportReload(generation: number): void {
    const { log } = this.#options;
    const kept = this.#parts.plugins.kept();
    if (kept.length === 0) log.info('policy reloaded', { generation });
    else log.warn('policy reloaded', { generation, not_replaced: kept });
  }

  /**
   * A set with errors, or why none could be read: the running one is kept, and `/-/config` and the metrics say so.
   * Undefined: the files are good again, and nothing of them is new. Returns the errors as text.
   */
  noteRefused(refused: RefusedSet | string | undefined): string {
    const { clock, log } = this.#options;
    this.#report.noteRefused(refused, clock.now());
    this.metrics.configLastReloadOk.set(refused === undefined ? 1 : 0);
    const errors = this.#report.refused;
    if (errors === undefined) return '';
    log.error('policy not reloaded: the running one was kept', {
      generation: this.snapshot.generation,
    });
    return errors;
  }

  /** The earlier generation that an operator went back to; undefined: the files are served. */
  notePinned(generation: number | undefined): void {
    this.#report.notePinned(generation);
  }

  /** SIGTERM: fails readiness, lets go of clients within the policy's limits, then stops. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    const { clock, log } = this.#options;
    const { delayMs, limitMs } = this.snapshot.gateway.drain;
    const { listener, pipeline, passthrough } = this.#parts;
    await drain({ clock, log, listener, pipeline, passthrough, delayMs, limitMs });
    await this.stop();
  }

  /** Closes everything now. Idempotent. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    const { listener, pools, health, network, plugins, pluginFetch, lasting } = this.#parts;
    listener.stopAccepting();
    listener.destroyAll();
    this.#parts.shedder.stop();
    await listener.closed();
    await Promise.all([pools.destroy(), health.close(), network.close(), plugins.close()]);
    await pluginFetch.close();
    await lasting.close();
    await this.#admin?.close();
    this.#admin = undefined;
  }

  async #start(): Promise<void> {
    const { snapshot } = this.#generation;
    this.#admin = await AdminServer.start(snapshot.gateway.admin, {
      readiness: () => this.#readiness(),
      metrics: () => ({ body: this.metrics.render(), contentType: METRICS_CONTENT_TYPE }),
      config: () => this.#configStatus(),
      network: () => this.#parts.network.current?.status(),
      decisions: this.#parts.decisions,
      action: (path) => this.#actions.get(path),
    });
    this.#bound = await this.#parts.listener.listen();
    this.#parts.network.apply(snapshot);
    this.#parts.health.apply(snapshot.services);
    this.#serve({ ...this.#generation, publicPort: this.#publicPort(snapshot) });
  }

  #serve(generation: Generation): void {
    const { sessions } = generation.snapshot.gateway;
    if (sessions.store === 'cookie') this.#options.log.warn(COOKIE_SESSIONS_WARNING);
    this.#generation = generation;
    this.#parts.shedder.apply(generation.snapshot.gateway.shedding);
    this.#report.served(this.#options.clock.now());
    this.metrics.configGeneration.set(generation.snapshot.generation);
    this.metrics.configLastReloadOk.set(1);
  }

  #publicPort(snapshot: PolicySnapshot): number {
    return snapshot.gateway.publicPort ?? this.https?.port ?? DEFAULT_PORTS.https;
  }

  #readiness(): ReturnType<typeof readiness> {
    return readiness({
      isDraining: () => this.#isDraining,
      network: () => this.#parts.network.current,
      pendingNetwork: () => this.#parts.network.pending,
      refusedSet: () => this.#report.refused,
      plugins: this.#parts.plugins,
      store: this.#parts.lasting.store,
      certificateTerms: () => this.snapshot.certificateTerms,
      nowMs: () => this.#options.clock.now(),
    });
  }

  #configStatus(): ConfigStatus {
    return this.#report.status(this.snapshot, this.#options.clock.now(), {
      generations: this.#options.generations?.() ?? [],
      notReplaced: this.#parts.plugins.kept(),
    });
  }
}
