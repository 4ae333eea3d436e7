import { readFile } from 'node:fs/promises';
import type { Context } from '../../contract.ts';
import { isJsonObject, readJsonObject } from '../strict-json.ts';
import type { JsonObject } from '../strict-json.ts';
import { DocumentError } from './document-error.ts';
import { cutFault, fetchFault, statusFault } from './fetch-fault.ts';
import { readBounded, tooLarge } from './read-bounded.ts';
import { urlFault } from './url-fault.ts';

/** Discovery and key documents; the largest public ones are below 20 KiB. */
export const MAX_DOCUMENT_OCTETS = 256 * 1024;

/** How the place of a document is reached. */
export interface DocumentSource {
  readonly allowPrivate: boolean;
  /** A PEM file; trusted instead of the system's authorities. */
  readonly ca?: string | undefined;
}

/** Fetches one JSON object: egress rules, no redirects, at most 256 KiB, within `signal`. Rejects with a DocumentError. */
export async function documentAt(
  address: string,
  context: Pick<Context, 'fetch'>,
  source: DocumentSource,
  signal: AbortSignal,
): Promise<JsonObject> {
  const fault = urlFault(address, source.allowPrivate);
  if (fault !== undefined) throw new DocumentError(`${address} is not fetched: ${fault}`);
  const ca = source.ca === undefined ? undefined : await readFile(source.ca, 'utf8');
  const asked = context.fetch(address, {
    headers: { accept: 'application/json' },
    // Not followed: seen, so that its target can be told.
    redirect: 'manual',
    credentials: 'omit',
    signal,
    allowPrivate: source.allowPrivate,
    ...(ca !== undefined && { ca }),
  });
  const response = await asked.catch((thrown: unknown) => {
    throw new DocumentError(fetchFault(address, thrown), { cause: thrown });
  });
  return answeredDocument(address, response);
}

/** The JSON object of an answer with status 200. Rejects with a DocumentError. */
export async function answeredDocument(
  place: string,
  response: Response,
  maxOctets: number = MAX_DOCUMENT_OCTETS,
): Promise<JsonObject> {
  if (response.status !== 200) {
    // Not waited for: of an answer that was cloned it ends with the other half.
    response.body?.cancel().catch(() => {});
    const isNotFound = response.status === 404;
    throw new DocumentError(statusFault(place, response), { isNotFound });
  }
  const octets = await readBounded(place, response, maxOctets).catch((thrown: unknown) => {
    if (thrown instanceof DocumentError) throw thrown;
    throw new DocumentError(cutFault(place, thrown), { cause: thrown });
  });
  return parse(place, octets);
}

/** The same of a file. */
export async function documentIn(file: string): Promise<JsonObject> {
  const octets = await readFile(file);
  if (octets.length > MAX_DOCUMENT_OCTETS) throw tooLarge(file, MAX_DOCUMENT_OCTETS);
  return parse(file, octets);
}

function parse(place: string, octets: Uint8Array): JsonObject {
  const document = readJsonObject(octets);
  if (!isJsonObject(document)) throw new DocumentError(`${place}: ${document}`);
  return document;
}
