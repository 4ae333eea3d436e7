import { fieldValues } from '../core/header-list.ts';
import type { RequestFacts } from '../core/message.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { https: 443, http: 80 };

/** The origin that a browser shows for this host; never what a client claims of scheme or port. */
export function originOf(request: RequestFacts, publicPort: number): string {
  const scheme = request.connection.tls === undefined ? 'http' : 'https';
  const port = publicPort === DEFAULT_PORTS[scheme] ? '' : `:${publicPort}`;
  return `${scheme}://${request.host}${port}`;
}

/**
 * True when the request was made by a page of this very origin, or by the person (R-40, B4). Browsers
 * write both fields, and no page can change them. Neither field: no browser of today, so nobody
 * vouches for it. `null` is what a page with `Referrer-Policy: no-referrer` sends with a form.
 */
export function isSameOrigin(request: RequestFacts, publicPort: number): boolean {
  const origins = fieldValues(request.headers, 'origin');
  const sites = fieldValues(request.headers, 'sec-fetch-site');
  if (origins.length > 1 || sites.length > 1) return false;
  const [origin = 'null'] = origins;
  if (origin !== 'null') return origin === originOf(request, publicPort);
  return sites[0] === 'same-origin' || sites[0] === 'none';
}
