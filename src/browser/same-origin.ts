import { fieldValues } from '../core/header-list.ts';
import type { RequestFacts } from '../core/message.ts';
import { originOf } from '../core/origin.ts';

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
