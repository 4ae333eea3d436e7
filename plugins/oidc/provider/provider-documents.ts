import { answeredDocument, checkIssuer, keysIn } from 'fairlead/plugin/kit';
import type { ServerMetadata } from 'openid-client';
import { LIMITS } from '../limits.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/**
 * The metadata of exactly this issuer (OpenID Connect Discovery 4, A12). Rejects with a DocumentError that
 * says what was asked and what was found.
 */
export async function fetchMetadata(issuer: string, fetch: ProviderFetch): Promise<ServerMetadata> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(place, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(LIMITS.metadataMs),
  });
  const metadata = await answeredDocument(place, response, LIMITS.documentOctets);
  checkIssuer(place, metadata, issuer);
  return metadata as unknown as ServerMetadata;
}

/** A fetch of key sets that rejects with a DocumentError for whatever is none. */
export function keySetFetch(fetch: ProviderFetch): ProviderFetch {
  return async (place, init) => {
    const response = await fetch(place, init);
    keysIn(place, await answeredDocument(place, response.clone(), LIMITS.documentOctets));
    return response;
  };
}
