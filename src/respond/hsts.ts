import { isAddress, isLocalName } from '../core/network-addresses.ts';
import type { HstsPolicy } from '../policy/snapshot/snapshot.ts';

/**
 * Strict-Transport-Security for a host, over TLS. The default spares localhost, where a browser would hold
 * every other program of the machine to https, and addresses, where it means nothing (RFC 6797 8.1.1).
 */
export function hstsFor(
  policy: HstsPolicy | undefined,
  host: string | undefined,
): string | undefined {
  if (policy === undefined) return undefined;
  return policy.isDefault && isLocal(host) ? undefined : policy.value;
}

/** Nameless: the client gave an address, or nothing that names a host. */
function isLocal(host: string | undefined): boolean {
  return host === undefined || isLocalName(host) || isAddress(host);
}
