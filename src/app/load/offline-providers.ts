import type { Clock } from '../../core/clock.ts';
import { KINDS, PluginHost } from '../../plugin/host/host.ts';
import type { ProviderHost } from '../../plugin/host/host.ts';
import type { ProviderSet } from '../../plugin/host/host.ts';
import { GatewayMetrics } from '../../record/record.ts';
import type { Log } from '../../record/record.ts';
import { createPluginFetch } from '../../upstream/plugin-fetch.ts';
import type { PluginFetch } from '../../upstream/plugin-fetch.ts';
import type { LoadedSet } from './load-policy-set.ts';
import { pluginCapabilities } from '../build/plugin-capabilities.ts';
import { providerSettings } from '../build/provider-settings.ts';
import { LastingState } from '../build/lasting-state.ts';

/** The providers of a set for a command: real plugins, with a store of their own in memory and no log. */
export class OfflineProviders implements AsyncDisposable {
  readonly #set: Extract<LoadedSet, { kind: 'ok' }>;
  readonly #fetch = createPluginFetch();
  readonly #lasting: LastingState;
  readonly #host: ProviderHost;

  /** `fetch`: in place of the network. */
  constructor(set: Extract<LoadedSet, { kind: 'ok' }>, clock: Clock, fetch?: PluginFetch) {
    this.#set = set;
    const { sessions } = set.snapshot.gateway;
    // The running gateways' store is theirs: a command neither reads nor writes it.
    this.#lasting = new LastingState({
      clock,
      log: SILENT,
      store: undefined,
      sessions: () => sessions,
    });
    const metrics = new GatewayMetrics();
    const lasting = this.#lasting;
    this.#host = new PluginHost(
      KINDS.authenticator,
      pluginCapabilities({
        clock,
        log: SILENT,
        metrics,
        fetch: fetch ?? this.#fetch.fetch,
        lasting,
      }),
    );
  }

  /** Resolves when each plugin was created, or was not. */
  async start(): Promise<ProviderSet> {
    const { snapshot, catalogue } = this.#set;
    const { providers, settled } = this.#host.start(providerSettings(snapshot, catalogue));
    await settled;
    return providers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.close();
    await this.#fetch.close();
    await this.#lasting.close();
  }
}

const SILENT: Log = {
  with: () => SILENT,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};

function ignore(): void {}
