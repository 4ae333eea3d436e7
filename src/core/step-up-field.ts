/**
 * The WWW-Authenticate value of a login that is too weak or too old (RFC 9470 3), for a client that follows no
 * redirect. What a quoted string cannot hold is left out of `acr`.
 */
export function stepUpField(
  realm: string,
  { acr, maxAgeSeconds }: { readonly acr?: string; readonly maxAgeSeconds?: number },
): string {
  const parts = [`Bearer realm="${realm}"`, 'error="insufficient_user_authentication"'];
  const quotable = acr?.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '');
  if (quotable !== undefined) parts.push(`acr_values="${quotable}"`);
  if (maxAgeSeconds !== undefined) parts.push(`max_age="${maxAgeSeconds}"`);
  return parts.join(', ');
}
