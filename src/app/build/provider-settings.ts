import type { Catalogue } from '../../plugin/host/host.ts';
import type { ProviderSettings } from '../../plugin/host/host.ts';
import type { PolicySnapshot } from '../../policy/snapshot/snapshot.ts';

/** The providers of a snapshot with the plugins that the check found for them. */
export function providerSettings(
  snapshot: PolicySnapshot,
  catalogue: Catalogue,
): readonly ProviderSettings[] {
  return Array.from(snapshot.providers.values(), ({ name, plugin, timeoutMs, options, files }) => ({
    name,
    plugin: catalogue.find(plugin)!,
    timeoutMs,
    options,
    files,
  }));
}
