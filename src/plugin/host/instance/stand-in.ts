import { isSameValue } from '../../../core/same-value.ts';
import type { HostedPlugin, PluginSettings } from './settings.ts';

/** The plugin and the options of an instance. */
interface Instance {
  readonly plugin: HostedPlugin<unknown>;
  readonly options: unknown;
}

/**
 * Whether an instance may answer while one with these settings does not work. Another plugin trusts
 * others, and so do options that let fewer in: whom the policy does not name any more stays out.
 */
export function mayStandIn(before: Instance, settings: PluginSettings<unknown>): boolean {
  const { plugin, options } = settings;
  if (before.plugin !== plugin) return false;
  if (plugin.mayStandIn === undefined) return haveOneIssuer(before.options, options);
  try {
    // Of a package that nobody compiled against the contract: a promise is not a yes.
    const answer: unknown = plugin.mayStandIn(before.options, options);
    return answer === true;
  } catch {
    // A plugin that cannot tell has not said yes.
    return false;
  }
}

/** By the option of that name, in which a plugin says whose word it takes. */
function haveOneIssuer(left: unknown, right: unknown): boolean {
  return isSameValue(issuerOf(left), issuerOf(right));
}

function issuerOf(options: unknown): unknown {
  if (typeof options !== 'object' || options === null) return undefined;
  return (options as { readonly issuer?: unknown }).issuer;
}
