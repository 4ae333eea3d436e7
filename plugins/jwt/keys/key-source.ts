import type { Context } from 'fairlead/plugin';
import { DocumentError, fetchDocument, readDocument } from './documents.ts';
import { LIMITS } from '../limits.ts';
import type { Options } from '../options.ts';
import { shortened } from '../../shared/fetch-fault.ts';
import { isJsonObject } from '../token/strict-json.ts';
import type { JsonObject } from '../token/strict-json.ts';

/** Gives the issuer's keys as they are now, at most `LIMITS.fetchMs` later; rejects when it cannot. */
export type KeySource = () => Promise<readonly JsonObject[]>;

export function createKeySource(options: Options, context: Pick<Context, 'fetch'>): KeySource {
  const { url, file, keys } = options.jwks;
  if (keys !== undefined) return () => Promise.resolve(keys);
  if (file !== undefined) return async () => keysOf(file, await readDocument(file));
  return async () => {
    const signal = AbortSignal.timeout(LIMITS.fetchMs);
    const fetchOne = (address: string) => fetchDocument(address, context, options.jwks, signal);
    const address = url ?? (await discover(options.issuer, fetchOne));
    return keysOf(address, await fetchOne(address));
  };
}

/** Where discovery looks, in this order: OpenID Connect Discovery 4, then RFC 8414 3.1. */
export function discoveryAddresses(issuer: string): readonly string[] {
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
  // RFC 8414 3.3: octet for octet, or the metadata is another issuer's (A12).
  if (metadata['issuer'] !== issuer) {
    const found = shortened(metadata['issuer']);
    throw new DocumentError(
      `the metadata at ${place} names another issuer: ${found}, wanted ${shortened(issuer)}`,
    );
  }
  const address = metadata['jwks_uri'];
  if (typeof address !== 'string') {
    throw new DocumentError(`the metadata at ${place} has no jwks_uri`);
  }
  return address;
}

function keysOf(place: string, document: JsonObject): readonly JsonObject[] {
  const { keys } = document;
  if (!Array.isArray(keys) || !keys.every(isJsonObject)) {
    throw new DocumentError(`${place} is not a JSON Web Key Set`);
  }
  if (keys.length > LIMITS.keysPerSet) {
    throw new DocumentError(
      `${place} has ${keys.length} keys, at most ${LIMITS.keysPerSet} are read`,
    );
  }
  return keys;
}
