import ipaddr from 'ipaddr.js';
import { IPV4_COMPATIBLE } from './network-addresses.ts';

/**
 * What a limit counts an address as: IPv4 as it is, also when mapped into IPv6; IPv6 by its /64,
 * because one client owns at least that much; the zone id dropped. `bits` gives a wider IPv6 block.
 * A text that is no address is its own key, so it is counted all the same.
 */
export function addressKey(address: string, bits = 64): string {
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  if (isPlainIpv4(bare) || !ipaddr.isValid(bare)) return bare;
  const parsed = ipaddr.process(IPV4_COMPATIBLE.test(bare) ? '::' : bare);
  return parsed.kind() === 'ipv4' ? parsed.toString() : ipv6Block(parsed as ipaddr.IPv6, bits);
}

/** The common case without a parse; sockets print IPv4 in this one form. */
function isPlainIpv4(address: string): boolean {
  return address.length <= 15 && /^\d+\.\d+\.\d+\.\d+$/.test(address);
}

function ipv6Block(address: ipaddr.IPv6, bits: number): string {
  const network = address.toByteArray().map((byte, index) => byte & byteMask(index, bits));
  return `${ipaddr.fromByteArray(network).toString()}/${bits}`;
}

function byteMask(index: number, bits: number): number {
  const kept = Math.min(8, Math.max(0, bits - index * 8));
  return (0xff << (8 - kept)) & 0xff;
}
