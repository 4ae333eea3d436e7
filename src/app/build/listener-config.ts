import type { ListenerConfig } from '../../listener/context.ts';
import type { PolicySnapshot } from '../../policy/snapshot/snapshot.ts';
import { isKnownHost, matchPassthrough } from '../../evaluate/route/match.ts';

/** The part of a policy that the listener acts on. */
export function listenerConfig({ gateway, routes }: PolicySnapshot): ListenerConfig {
  return {
    certificates: gateway.certificates,
    defaultCertificate: gateway.defaultCertificate,
    tls: gateway.tls,
    client: gateway.client,
    limits: gateway.limits,
    guardedNames: routes.guardedNames,
    proxyProtocol: gateway.proxyProtocol,
    plainPeers: gateway.plainPeers,
    trustedProxies: gateway.trustedProxies,
    publicPort: gateway.publicPort,
    isKnownHost: (host) => isKnownHost(routes, host),
    isPassthrough: (serverName) => matchPassthrough(routes, serverName) !== undefined,
  };
}
