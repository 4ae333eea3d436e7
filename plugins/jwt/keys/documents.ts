import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { Context } from 'fairlead/plugin';
import { urlFault } from './egress.ts';
import { cutFault, fetchFault, statusFault } from '../../shared/fetch-fault.ts';
import { LIMITS } from '../limits.ts';
import type { KeySourceOptions } from '../options.ts';
import { isJsonObject, readJsonObject } from '../token/strict-json.ts';
import type { JsonObject } from '../token/strict-json.ts';

/** A document could not be had. The message is ours and names the place; it quotes no content. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  /** True when the place exists and says that the document does not. */
  readonly isNotFound: boolean;

  constructor(message: string, isNotFound = false) {
    super(message);
    this.isNotFound = isNotFound;
  }
}

/** Fetches one JSON object: egress rules, no redirects, a size cap, within `signal`. */
export async function fetchDocument(
  address: string,
  context: Pick<Context, 'fetch'>,
  source: KeySourceOptions,
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
    throw new DocumentError(fetchFault(address, thrown));
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new DocumentError(statusFault(address, response), response.status === 404);
  }
  const octets = await readCapped(address, response).catch((thrown: unknown) => {
    throw thrown instanceof DocumentError ? thrown : new DocumentError(cutFault(address, thrown));
  });
  return parse(address, octets);
}

/** The same of a file. */
export async function readDocument(file: string): Promise<JsonObject> {
  const octets = await readFile(file);
  if (octets.length > LIMITS.documentOctets) throw tooLarge(file);
  return parse(file, octets);
}

function parse(place: string, octets: Uint8Array): JsonObject {
  const document = readJsonObject(octets);
  if (!isJsonObject(document)) throw new DocumentError(`${place}: ${document}`);
  return document;
}

/** Content-Length may be absent or, with a content coding, of something else: octets are counted. */
async function readCapped(address: string, response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LIMITS.documentOctets) throw tooLarge(address);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(place: string): DocumentError {
  return new DocumentError(`${place} is larger than ${LIMITS.documentOctets} octets`);
}
