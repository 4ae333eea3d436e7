import { answeredDocument, checkIssuer, keysIn } from 'fairlead/plugin/kit';
import type { KeySource } from 'fairlead/plugin/kit';
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

/** The keys published at `place`. Rejects with a DocumentError. */
export function keySource(place: string, fetch: ProviderFetch): KeySource {
  return async () => {
    const response = await fetch(place, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(LIMITS.metadataMs),
    });
    return keysIn(place, await answeredDocument(place, response, LIMITS.documentOctets));
  };
}
