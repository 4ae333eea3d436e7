import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';
import { loadPlugins } from '../../plugin/host/host.ts';
import type { AuthenticatorPlugin, Catalogue } from '../../plugin/host/host.ts';
import type { PluginCatalogue } from '../../policy/schema/schema.ts';
import { loadPolicy } from '../../policy/policy.ts';
import type { LoadOptions, LoadResult } from '../../policy/policy.ts';
import { BUILT_IN_PLUGINS } from './built-in-plugins.ts';

export interface LoadSetOptions {
  readonly generation: number;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Taken instead of the policy files of the directory. */
  readonly texts?: LoadOptions['texts'];
  /** Plugins that need not be installed. Default: our own. */
  readonly builtIns?: readonly AuthenticatorPlugin[];
}

export type LoadedSet = LoadResult & { readonly catalogue: Catalogue };

/** Packages are resolved from where the gateway is installed, never from the policy's directory. */
const INSTALL_DIRECTORY = dirname(findPackageJSON(import.meta.url)!);

/**
 * A policy set with the plugins it names. Which packages it names is known only once it is parsed: the
 * first reading asks the built-in catalogue and notes what that lacks, the second has it loaded.
 */
export async function loadPolicySet(
  directory: string,
  options: LoadSetOptions,
): Promise<LoadedSet> {
  const builtIn = await catalogueWith([], options.builtIns);
  const missing = new Set<string>();
  const first = await loadPolicy(directory, { ...options, plugins: noting(builtIn, missing) });
  if (missing.size === 0) return { ...first, catalogue: builtIn };
  const catalogue = await catalogueWith(missing, options.builtIns);
  return { ...(await loadPolicy(directory, { ...options, plugins: catalogue })), catalogue };
}

/** The built-in plugins alone: for `fairlead schema`. */
export function builtInCatalogue(): Promise<Catalogue> {
  return catalogueWith([]);
}

async function catalogueWith(
  names: Iterable<string>,
  builtIns = BUILT_IN_PLUGINS,
): Promise<Catalogue & PluginCatalogue> {
  const { catalogue, issues } = await loadPlugins(names, {
    builtIns,
    installDirectory: INSTALL_DIRECTORY,
  });
  const problems = new Map(issues.map(({ plugin, message }) => [plugin, message]));
  return {
    find: (name) => catalogue.find(name),
    names: () => catalogue.names(),
    problem: (name) => problems.get(name),
  };
}

function noting(catalogue: Catalogue, missing: Set<string>): Catalogue {
  return {
    names: () => catalogue.names(),
    find(name) {
      const plugin = catalogue.find(name);
      if (plugin === undefined) missing.add(name);
      return plugin;
    },
  };
}
