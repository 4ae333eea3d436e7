import type { Context } from 'fairlead/plugin';
import { DocumentError, ISSUER_WAITS, checkIssuer } from 'fairlead/plugin/kit';
import { documentAt, documentIn, keysIn } from 'fairlead/plugin/kit';
import type { JsonObject, KeySource } from 'fairlead/plugin/kit';
import type { Options } from './options.ts';

export function createKeySource(options: Options, context: Pick<Context, 'fetch'>): KeySource {
  const { url, file, keys } = options.jwks;
  if (keys !== undefined) return () => Promise.resolve(keys);
  if (file !== undefined) return async () => keysIn(file, await documentIn(file));
  return async () => {
    const signal = AbortSignal.timeout(ISSUER_WAITS.fetchMs);
    const fetchOne = (address: string) => documentAt(address, context, options.jwks, signal);
    const address = url ?? (await discover(options.issuer, fetchOne));
    return keysIn(address, await fetchOne(address));
  };
}

/** Where discovery looks, in this order: OpenID Connect Discovery 4, then RFC 8414 3.1. */
function discoveryAddresses(issuer: string): readonly string[] {
  const base = issuer.replace(/\/$/, '');
  const { origin, pathname } = new URL(base);
  const path = pathname === '/' ? '' : pathname;
  return [
    `${base}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

async function discover(
  issuer: string,
  fetchOne: (address: string) => Promise<JsonObject>,
): Promise<string> {
  const [first, second] = discoveryAddresses(issuer);
  let place = first!;
  const metadata = await fetchOne(place).catch((fault: unknown) => {
    if (!(fault instanceof DocumentError) || !fault.isNotFound) throw fault;
    place = second!;
    return fetchOne(place);
  });
  checkIssuer(place, metadata, issuer);
  const address = metadata['jwks_uri'];
  if (typeof address !== 'string') {
    throw new DocumentError(`the metadata at ${place} has no jwks_uri`);
  }
  return address;
}
