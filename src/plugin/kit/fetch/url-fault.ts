import { BlockList, isIP } from 'node:net';

/** Loopback, private, link-local, shared and special-purpose ranges (RFC 6890). */
const notPublic = new BlockList();
const loopback = new BlockList();

for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6');
}
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Undefined when keys or metadata may be fetched from there, else why not: https, or plain http to
 * loopback where the policy allows private addresses. Names are judged again by the gateway's fetch
 * once they are resolved; this is the part that can be told from the text.
 */
export function urlFault(address: string, allowPrivate: boolean): string | undefined {
  const url = URL.parse(address);
  if (url === null) return 'it is not a URL';
  if (url.username !== '' || url.password !== '') return 'it carries a user name';
  if (url.hash !== '') return 'it has a fragment';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(host))) {
    return 'it is not https';
  }
  if (allowPrivate || !isPrivate(host)) return undefined;
  return `${host} is not a public address, and allowPrivate is not set`;
}

function isPrivate(host: string): boolean {
  return isLocalName(host) || isIn(notPublic, host);
}

/** A loopback address, or a name that leads there by RFC 6761 6.3. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isLocalName(host) || isIn(loopback, host);
}

function isLocalName(host: string): boolean {
  const name = host.replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost');
}

/** BlockList judges IPv4-mapped IPv6 addresses by their IPv4 part. */
function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
