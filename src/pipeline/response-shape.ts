import { filterFields, firstField, hasField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { ShapedHead } from '../forward/forward.ts';
import {
  CORS_FIELDS,
  clientInformationalFields,
  clientResponseFields,
} from '../respond/respond.ts';
import type { Exchange } from './exchange.ts';

/** RFC 9110 15.3.6: a 205 has no content either, but says so by its length. Node ends it over HTTP/2. */
const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** The response head the client gets for the application's, with the framing the listener needs. */
export function shapeHead(
  exchange: Exchange,
  status: number,
  upstream: HeaderList,
  own: { readonly rateLimitFields: HeaderList; readonly nowMs: number },
): ShapedHead {
  // The switch ends what `timeout.total` limits; a stream has its idle limit.
  if (status === 101) exchange.unlimitTotal();
  else if (status < 200) {
    const headers = clientInformationalFields(upstream);
    return { status, headers, options: { length: undefined } };
  }
  const headers = clientResponseFields(upstream, {
    status,
    receivedVersion: '1.1',
    hsts: exchange.hsts,
    ...own,
  });
  const bodyless = exchange.request.method === 'HEAD' || BODYLESS.has(status);
  return {
    status,
    headers: withOwnFields(headers, exchange),
    options: { length: contentLength(upstream, status), bodyless },
  };
}

/** Our CORS fields, and Cache-Control when we set a cookie, replace the application's. */
function withOwnFields(
  headers: HeaderList,
  { ownsCors, responseFields }: Pick<Exchange, 'ownsCors' | 'responseFields'>,
): HeaderList {
  if (responseFields.length === 0) return headers;
  // RFC 9111 7.3: a response that sets one person's cookies must not be kept for another.
  const isPersonal = hasField(responseFields, 'set-cookie');
  const kept = filterFields(
    headers,
    (name) => !(isPersonal && name === 'cache-control') && !(ownsCors && CORS_FIELDS.has(name)),
  );
  if (isPersonal) kept.push('cache-control', 'no-store');
  return [...kept, ...responseFields];
}

/** The parser below has judged the field already; a 101 or 204 must not have one (RFC 9110 8.6). */
function contentLength(upstream: HeaderList, status: number): number | undefined {
  if (status === 204 || status === 101) return undefined;
  if (status === 205) return 0;
  const value = firstField(upstream, 'content-length');
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

export { clientTrailers as shapeTrailers } from '../respond/respond.ts';
