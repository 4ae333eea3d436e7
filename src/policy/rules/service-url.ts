import { bareHost } from '../../core/network-addresses.ts';
import { DEFAULT_PORTS } from '../../core/origin.ts';

/** Where an application is that is reached by its URL. */
export interface ServiceUrl {
  readonly isSecure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** As `Host` has it: the port only where it is not the scheme's. */
  readonly authority: string;
}

/** No routing key of Skupper has these, so whoever writes them means a URL. */
export function looksLikeUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** Reads `http://127.0.0.1:3000`; undefined for anything with more than scheme, host and port. */
export function parseServiceUrl(text: string): ServiceUrl | undefined {
  const url = /^https?:\/\/[^/?#@\\\s]+\/?$/.test(text) ? URL.parse(text) : null;
  if (url === null || url.hostname === '' || url.port === '0') return undefined;
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port) || DEFAULT_PORTS[isSecure ? 'https' : 'http'];
  return { isSecure, host: bareHost(url.hostname), port, authority: url.host };
}
