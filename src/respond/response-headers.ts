import { fieldsThatAre } from '../core/fields/fields.ts';
import { filterFields, hasField, listMembers } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import { isOwnCookie } from '../core/own-cookies.ts';
import { httpDate } from './http-date.ts';

export interface ResponseFieldsContext {
  /** Of the response; 101 keeps its `Upgrade`. */
  readonly status: number;
  /** HTTP version of the application's response, for `Via`: `1.1`, `2`. */
  readonly receivedVersion: string;
  /** The policy's HSTS value on https, undefined elsewhere (J1). */
  readonly hsts: string | undefined;
  /** Our RateLimit fields (`Permit.fields`); when there are any, the application's are replaced (K5). */
  readonly rateLimitFields: HeaderList;
  readonly nowMs: number;
}

/** Fields for this hop; framing, which the listener writes anew; and what nobody behind us may say. */
const REMOVED = fieldsThatAre('hop', 'framing', 'replaced');
const RATE_LIMIT_FIELDS = fieldsThatAre('limit');

/**
 * The application's response fields as the client gets them, order kept: hop-by-hop, nominated (E12),
 * framing, and fields in our name are out; `Via` (E14), `Date` when absent (E23), HSTS and RateLimit in.
 * `Content-Length` is out too: its value goes to the sink as `length`.
 */
export function clientResponseFields(
  upstream: HeaderList,
  context: ResponseFieldsContext,
): HeaderList {
  const headers = keptFields(upstream, context);
  headers.push('via', `${context.receivedVersion} fairlead`);
  if (!hasField(headers, 'date')) headers.push('date', httpDate(context.nowMs));
  if (context.hsts !== undefined) headers.push('strict-transport-security', context.hsts);
  for (const text of context.rateLimitFields) headers.push(text);
  return headers;
}

/** Fields of a 1xx other than 101: filtered alike, with nothing added (RFC 9110 15.2). */
export function clientInformationalFields(upstream: HeaderList): HeaderList {
  return keptFields(upstream, { status: 100, rateLimitFields: [] });
}

function keptFields(
  upstream: HeaderList,
  context: Pick<ResponseFieldsContext, 'status' | 'rateLimitFields'>,
): MutableHeaderList {
  const nominated = listMembers(upstream, 'connection');
  const isOurLimit = context.rateLimitFields.length > 0;
  return filterFields(upstream, (name, value) => {
    if (name === 'upgrade' && context.status === 101) return true;
    // An application must not plant a session of ours.
    if (name === 'set-cookie' && isOwnCookie(value)) return false;
    if (REMOVED.has(name) || (isOurLimit && RATE_LIMIT_FIELDS.has(name))) return false;
    return nominated.length === 0 || !nominated.includes(name);
  });
}
