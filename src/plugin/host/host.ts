// The host of plugins: finds them, keeps their instances, and stands between the gateway and their code.
//   load/      a name of the policy → a plugin that keeps the contract       plugin-host.ts  all plugins of a kind, over reloads
//   instance/  one plugin from create() to close(), whatever its kind        call/           one call: time, circuit, faults
//   kinds/     kinds.ts, the table of kinds, and for each the calls that the gateway makes of it
// The rest of the gateway imports this file alone.
import type { Authenticator } from '../contract.ts';
import type { Provider } from './kinds/provider.ts';
import type { PluginHost } from './plugin-host.ts';

/** The host of `providers:`. */
export type ProviderHost = PluginHost<Authenticator, Provider>;

export { loadPlugins } from './load/catalogue.ts';
export type { AuthenticatorPlugin, Catalogue } from './load/catalogue.ts';
export { CORE_OPTIONS, pluginFault } from './load/plugin-fault.ts';
export { PluginHost } from './plugin-host.ts';
export type { HostCapabilities, SharedCapabilities } from './instance/context.ts';
export { pluginError } from './call/guarded.ts';
export type { PluginError, SignalSource } from './call/guarded.ts';
export { KINDS } from './kinds/kinds.ts';
export { identityFault } from './kinds/check-identity.ts';
export type { ReadAnswer } from './kinds/endpoint-answer.ts';
export type { Provider, ProviderSet, ProviderSettings } from './kinds/provider.ts';
