import { countField, listMembers } from '../core/header-list.ts';
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

/**
 * Fields for this hop, and framing, which the listener writes anew (RFC 9110 7.6.1, RFC 9112 6, RFC
 * 9113 8.2.2). `Proxy-Authenticate` speaks to proxies, and we answer for none (RFC 9110 11.7).
 */
const HOP_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** `Alt-Svc` names ways to the application that do not pass us; HSTS is the policy's (J5). */
const REPLACED_FIELDS: ReadonlySet<string> = new Set(['alt-svc', 'strict-transport-security']);
const RATE_LIMIT_FIELDS: ReadonlySet<string> = new Set(['ratelimit', 'ratelimit-policy']);
/** `Fairlead-*` is what we say; nobody behind us may say it. */
const OWN_PREFIX = 'fairlead-';

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
  if (countField(headers, 'date') === 0) headers.push('date', httpDate(context.nowMs));
  if (context.hsts !== undefined) headers.push('strict-transport-security', context.hsts);
  headers.push(...context.rateLimitFields);
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
  const kept: MutableHeaderList = [];
  for (let i = 0; i < upstream.length; i += 2) {
    const name = upstream[i]!.toLowerCase();
    const isUpgrade = name === 'upgrade' && context.status === 101;
    if (!isUpgrade && isRemoved(name, nominated, context)) continue;
    // An application must not plant a session of ours.
    if (name === 'set-cookie' && isOwnCookie(upstream[i + 1]!)) continue;
    kept.push(upstream[i]!, upstream[i + 1]!);
  }
  return kept;
}

function isRemoved(
  name: string,
  nominated: readonly string[],
  context: Pick<ResponseFieldsContext, 'rateLimitFields'>,
): boolean {
  if (HOP_FIELDS.has(name) || REPLACED_FIELDS.has(name) || name.startsWith(OWN_PREFIX)) return true;
  if (context.rateLimitFields.length > 0 && RATE_LIMIT_FIELDS.has(name)) return true;
  return nominated.includes(name);
}
