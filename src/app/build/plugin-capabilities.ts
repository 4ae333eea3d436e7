import type { Clock } from '../../core/clock.ts';
import type { HostCapabilities } from '../../plugin/host/host.ts';
import type { GatewayMetrics, Log } from '../../record/record.ts';
import type { PluginFetch } from '../../upstream/plugin-fetch.ts';
import type { LastingState } from './lasting-state.ts';

export interface CapabilityParts {
  readonly clock: Clock;
  readonly fetch: PluginFetch;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly lasting: LastingState;
}

/** What every plugin may do, handed to the host. */
export function pluginCapabilities(parts: CapabilityParts): HostCapabilities {
  const { clock, fetch, log, metrics, lasting } = parts;
  return {
    clock,
    fetch,
    shared: (provider) => lasting.forProvider(provider),
    log: (provider, level, message, fields) => log[level](message, { provider, ...fields }),
    count: (provider, name, by, labels) => metrics.pluginEvents.add(by, provider, name, labels),
  };
}
