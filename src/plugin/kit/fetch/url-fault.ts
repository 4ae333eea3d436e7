import {
  bareHost,
  isAddress,
  isLocalName,
  isLoopbackHost,
  isPublicAddress,
} from '../../../core/network-addresses.ts';

export { isLoopbackHost };

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
  const host = bareHost(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(host))) {
    return 'it is not https';
  }
  if (allowPrivate || !isPrivate(host)) return undefined;
  return `${host} is not a public address, and allowPrivate is not set`;
}

function isPrivate(host: string): boolean {
  return isLocalName(host) || (isAddress(host) && !isPublicAddress(host));
}
