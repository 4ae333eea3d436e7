import type { Identity, Json } from '../../plugin/contract.ts';
import { pluginError } from '../../plugin/host/host.ts';
import type { Provider, ProviderSet } from '../../plugin/host/host.ts';

/**
 * Providers that take the claims given on the command line for a verified credential, so that a policy can
 * be asked what it would do for somebody. They never stand in front of live traffic.
 */
export function claimedProviders(
  names: Iterable<string>,
  claims: Readonly<Record<string, unknown>>,
  nowMs: number,
): ProviderSet {
  return new Map(Array.from(names, (name) => [name, claimedProvider(name, claims, nowMs)]));
}

function claimedProvider(
  name: string,
  claims: Readonly<Record<string, unknown>>,
  nowMs: number,
): Provider {
  const identity: Identity = {
    subject: textOf(claims['sub']) ?? 'described',
    issuer: textOf(claims['iss']) ?? name,
    claims: claims as Readonly<Record<string, Json>>,
    method: name,
    authenticatedAt: typeof claims['auth_time'] === 'number' ? claims['auth_time'] * 1000 : nowMs,
    ...(typeof claims['acr'] === 'string' && { assurance: claims['acr'] }),
  };
  return {
    name,
    authenticate: () => ({ kind: 'identity', identity }),
    challenge: () => undefined,
    endpoints: () => [],
    serve: () => pluginError('explain.no_endpoint'),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
