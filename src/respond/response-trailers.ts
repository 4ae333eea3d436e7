import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';

/**
 * What a trailer must not say (RFC 9110 6.5.1): framing, routing, request modifiers, authentication,
 * response control and how to read content; and everything that `clientResponseFields` governs.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'age',
  'alt-svc',
  'authorization',
  'cache-control',
  'connection',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-location',
  'content-range',
  'content-security-policy',
  'content-type',
  'date',
  'expires',
  'host',
  'http2-settings',
  'keep-alive',
  'location',
  'pragma',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'via',
  'warning',
  'www-authenticate',
]);
/** Policies of origins, CORS and ours: all of them belong before the content. */
const FORBIDDEN_PREFIXES: readonly string[] = ['access-control-', 'cross-origin-', 'fairlead-'];

/** The application's trailers as the client may get them: never merged into fields, filtered alike (E9). */
export function clientTrailers(upstream: HeaderList): HeaderList {
  const kept: MutableHeaderList = [];
  for (let i = 0; i < upstream.length; i += 2) {
    if (!isForbidden(upstream[i]!.toLowerCase())) kept.push(upstream[i]!, upstream[i + 1]!);
  }
  return kept;
}

function isForbidden(name: string): boolean {
  // Pseudo-fields end with the head (RFC 9113 8.1).
  if (name.startsWith(':') || FORBIDDEN.has(name)) return true;
  return FORBIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix));
}
