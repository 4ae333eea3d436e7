import type { ServerMetadata } from 'openid-client';
import { shortened, statusFault } from '../../shared/fetch-fault.ts';
import { LIMITS } from '../limits.ts';
import { ProviderFault } from './provider-fetch.ts';
import type { ProviderFetch } from './provider-fetch.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The metadata of exactly this issuer (OpenID Connect Discovery 4, A12). Rejects with a ProviderFault that
 * says what was asked and what was found.
 */
export async function fetchMetadata(issuer: string, fetch: ProviderFetch): Promise<ServerMetadata> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(place, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(LIMITS.metadataMs),
  });
  const metadata = await objectOf(place, response);
  // 4.3: the very same text.
  if (metadata['issuer'] !== issuer) {
    const found = shortened(metadata['issuer']);
    throw new ProviderFault(
      `the metadata at ${place} names another issuer: ${found}, wanted ${shortened(issuer)}`,
    );
  }
  return metadata as unknown as ServerMetadata;
}

/** A fetch of key sets that rejects with a ProviderFault for whatever is none. */
export function keySetFetch(fetch: ProviderFetch): ProviderFetch {
  return async (place, init) => {
    const response = await fetch(place, init);
    const { keys } = await objectOf(place, response.clone());
    if (Array.isArray(keys)) return response;
    throw new ProviderFault(`${place} is not a JSON Web Key Set`);
  };
}

async function objectOf(place: string, response: Response): Promise<JsonObject> {
  if (response.status !== 200) throw new ProviderFault(statusFault(place, response));
  let value: unknown;
  try {
    value = await response.json();
  } catch {
    throw new ProviderFault(`${place}: not JSON in UTF-8`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new ProviderFault(`${place}: not a JSON object`);
}
