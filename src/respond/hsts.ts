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

/** Nameless: the client gave an address, or nothing that names a host. `host` is in its normalised form. */
function isLocal(host: string | undefined): boolean {
  if (host === undefined) return true;
  // Asked for every response: an address ends in a digit or a bracket, and few names do.
  return ADDRESS_END.test(host) ? isAddress(host) : isLocalName(host);
}

const ADDRESS_END = /[\d\]]$/;
