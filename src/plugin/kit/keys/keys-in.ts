import { DocumentError } from '../fetch/document-error.ts';
import { isJsonObject } from '../strict-json.ts';
import type { JsonObject } from '../strict-json.ts';

/** Issuers publish a handful; each key costs an import. */
export const MAX_KEYS = 100;

/** The keys of a JSON Web Key Set (RFC 7517 5). Throws when the document is none, or has more than 100. */
export function keysIn(place: string, { keys }: JsonObject): readonly JsonObject[] {
  if (!Array.isArray(keys) || !keys.every(isJsonObject)) {
    throw new DocumentError(`${place} is not a JSON Web Key Set`);
  }
  if (keys.length <= MAX_KEYS) return keys;
  throw new DocumentError(`${place} has ${keys.length} keys, at most ${MAX_KEYS} are read`);
}
