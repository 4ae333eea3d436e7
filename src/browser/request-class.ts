import { firstField, listMembers } from '../core/header-list.ts';
import type { RequestFacts } from '../core/message.ts';
import type { RequestView } from '../plugin/contract.ts';

/** Fetch Metadata: destinations that show a page, to which a login page may be shown instead. */
const PAGES = new Set(['document', 'iframe', 'frame']);

/**
 * What kind of client asks, as far as its fields tell. Decides nothing but the form of a challenge: a
 * page load can be sent to a login, everything else needs a 401.
 */
export function requestClass(request: RequestFacts): RequestView['class'] {
  const { headers, method } = request;
  if (/^application\/grpc/i.test(firstField(headers, 'content-type') ?? '')) return 'grpc';
  const mode = firstField(headers, 'sec-fetch-mode');
  // Over HTTP/2 there is no Upgrade field (RFC 8441).
  const isUpgrade =
    request.upgrade !== undefined || listMembers(headers, 'upgrade').includes('websocket');
  if (isUpgrade || mode === 'websocket') return 'websocket';
  // A form that was sent cannot be sent again after a login: it gets the 401.
  if (method !== 'GET' && method !== 'HEAD') return 'api';
  if (mode === undefined) return acceptsHtml(request) ? 'navigation' : 'api';
  const destination = firstField(headers, 'sec-fetch-dest') ?? 'document';
  return mode === 'navigate' && PAGES.has(destination) ? 'navigation' : 'api';
}

function acceptsHtml(request: RequestFacts): boolean {
  return listMembers(request.headers, 'accept').some(
    (range) => range.split(';')[0] === 'text/html',
  );
}
