import type { RequestFacts } from './message.ts';

/** RFC 9110 4.2.1, 4.2.2. */
export const DEFAULT_PORTS = { http: 80, https: 443 } as const;

export type Scheme = keyof typeof DEFAULT_PORTS;

/** How the client speaks: with us, or with a balancer whose word is taken. */
export function schemeOf({ connection }: Pick<RequestFacts, 'connection'>): Scheme {
  return connection.scheme;
}

/** The origin that a browser shows for this request's host, with the port that clients see. */
export function originOf(
  request: Pick<RequestFacts, 'connection' | 'host'>,
  publicPort: number,
): string {
  return originText(schemeOf(request), request.host, publicPort);
}

/** As WHATWG URL 4.5 writes it: the default port is left out. An IPv6 host comes in brackets. */
export function originText(scheme: Scheme, host: string, port: number): string {
  return port === DEFAULT_PORTS[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}
