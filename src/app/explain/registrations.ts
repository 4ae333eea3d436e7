import { DEFAULT_PORTS, originText } from '../../core/origin.ts';
import { pathTo } from '../../core/own-path.ts';
import { providersOfHost } from '../../evaluate/route/match.ts';
import type { ProviderSet } from '../../plugin/host/host.ts';
import type { PolicySnapshot } from '../../policy/snapshot/snapshot.ts';
import type { Registration } from './explanation.ts';
import { placeText } from './places.ts';

/** The addresses of these providers that somebody else must know, at every host whose routes ask them. */
export function registrationsOf(
  names: readonly string[],
  { snapshot, providers }: { readonly snapshot: PolicySnapshot; readonly providers: ProviderSet },
): readonly Registration[] {
  return names.flatMap((provider) => {
    const endpoints = providers.get(provider)?.endpoints() ?? [];
    if ('kind' in endpoints) return [];
    const registered = new Map(endpoints.map(({ path, registerAs }) => [path, registerAs]));
    const origins = hostsAsking(snapshot, provider).map((host) =>
      originText('https', host, publicPortOf(snapshot)),
    );
    const position = snapshot.providers.get(provider)?.position;
    return [...registered].flatMap(([path, as]): Registration[] => {
      if (as === undefined) return [];
      const addresses = origins.map((origin) => `${origin}${pathTo(provider, path)}`);
      return [{ provider, as, addresses, at: position && placeText(position) }];
    });
  });
}

/** The port that clients see: of the gateway as it would run, not of the described request. */
function publicPortOf({ gateway }: PolicySnapshot): number {
  return gateway.publicPort ?? gateway.listen.https?.port ?? DEFAULT_PORTS.https;
}

/** With `loginHosts` people log in at these alone, below a wildcard as well (`checkLoginHosts`). */
function hostsAsking({ routes, providers }: PolicySnapshot, provider: string): readonly string[] {
  const options = providers.get(provider)?.options as { readonly loginHosts?: readonly string[] };
  if (options?.loginHosts !== undefined) return options.loginHosts;
  return [...routes.exact.keys()].filter((host) => providersOfHost(routes, host).has(provider));
}
