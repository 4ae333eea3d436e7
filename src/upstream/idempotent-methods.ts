/**
 * RFC 9110 9.2.2, and QUERY (RFC 10008). Without a body a request with one of these may be sent again when
 * a kept-alive connection died unseen.
 */
export const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'QUERY',
]);
