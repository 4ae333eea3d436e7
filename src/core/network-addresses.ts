import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/*
 * Which addresses are of this machine, and which of the internet: the only place that says so. What grants
 * something (plain text on the loopback) asks the narrow question, `isLoopback…`; what refuses something asks
 * the wide one, `isPublicAddress` and `isLocalName`.
 */

// Node reads an address as the kernel does. ipaddr.js takes `::127.0.0.1` for 127.0.0.1, and it is ::7f00:1,
// an address that some router may know.
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** An address in 127.0.0.0/8 or ::1, also mapped into IPv6. False for every name. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * A loopback address, in brackets or not, or `localhost` (RFC 6761 6.3). Not `app.localhost`: a resolver
 * that does not know it asks DNS. Where a name is connected to, its addresses must be judged again.
 */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(bareHost(host));
}

/** `localhost` and all below it, with or without the last dot: this machine, if it is anything. */
export function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost');
}

/**
 * An address that the internet routes. Not: loopback, private (RFC 1918, RFC 4193), shared (RFC 6598),
 * link-local, multicast, special purpose (RFC 6890), and what reaches IPv4 through a translator or tunnel
 * (NAT64, 6to4, Teredo), because that may be any of these. False for every name.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || IPV4_COMPATIBLE.test(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || isGlobalUnicast(parsed as ipaddr.IPv6);
}

/** `::192.0.2.1` (RFC 4291 2.5.5.1, deprecated), which ipaddr.js takes for a mapped address. */
export const IPV4_COMPATIBLE = /^::\d+\./;

/** 2000::/3 is all that IANA has given out (RFC 4291 2.4, its registry of IPv6 space). */
function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return (address.parts[0]! & 0xe000) === 0x2000;
}

/** True for an address of either version, in brackets or not. */
export function isAddress(host: string): boolean {
  return isIP(bareHost(host)) !== 0;
}

/** `::1` of `[::1]`, as URLs and Host write it; every other text as it is. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
