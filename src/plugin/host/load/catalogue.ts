import type { Plugin } from '../../contract.ts';
import { loadPackage } from './load-package.ts';
import { pluginFault } from './plugin-fault.ts';

export type AuthenticatorPlugin = Plugin<'authenticator', unknown>;

/** The plugins at hand, by the name that `plugin:` gives in the policy. */
export interface Catalogue {
  find(name: string): AuthenticatorPlugin | undefined;
  names(): readonly string[];
}

export interface PluginLoadIssue {
  /** The name as the policy gives it. */
  readonly plugin: string;
  readonly message: string;
}

export interface LoadOptions {
  /** Ours, by name: handed in, since this folder may not import `plugins/`. */
  readonly builtIns: readonly AuthenticatorPlugin[];
  /** Where the gateway is installed: packages are looked for in its node_modules, and those above. */
  readonly installDirectory: string;
}

/**
 * The catalogue of our own plugins and of those packages among `names` that could be loaded; every
 * other name comes back as an issue. Nothing is downloaded. Does not reject.
 */
export async function loadPlugins(
  names: Iterable<string>,
  { builtIns, installDirectory }: LoadOptions,
): Promise<{ readonly catalogue: Catalogue; readonly issues: readonly PluginLoadIssue[] }> {
  const plugins = new Map(builtIns.map((plugin) => [plugin.name, plugin]));
  const issues: PluginLoadIssue[] = [];
  for (const name of new Set(names)) {
    if (plugins.has(name)) continue;
    const loaded = await loadOne(name, installDirectory);
    if (typeof loaded === 'string') issues.push({ plugin: name, message: loaded });
    else plugins.set(name, loaded);
  }
  return { catalogue: createCatalogue(plugins), issues };
}

/** A catalogue of given plugins alone. */
export function catalogueOf(plugins: readonly AuthenticatorPlugin[]): Catalogue {
  return createCatalogue(new Map(plugins.map((plugin) => [plugin.name, plugin])));
}

function createCatalogue(plugins: ReadonlyMap<string, AuthenticatorPlugin>): Catalogue {
  return {
    find: (name) => plugins.get(name),
    names: () => [...plugins.keys()].sort(),
  };
}

async function loadOne(name: string, directory: string): Promise<AuthenticatorPlugin | string> {
  const loaded = await loadPackage(name, directory);
  if (loaded.kind === 'fault') return loaded.message;
  const fault = pluginFault(loaded.plugin);
  if (fault !== undefined) return `package "${name}": ${fault}`;
  return loaded.plugin as AuthenticatorPlugin;
}
