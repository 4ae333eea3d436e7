import { shown } from '../shown.ts';
import type { JsonObject } from '../strict-json.ts';
import { DocumentError } from './document-error.ts';

/** Characters of a value of the metadata that an operator is shown. */
const SHOWN = 200;

/** Throws when the metadata is another issuer's: the very same text, octet for octet (RFC 8414 3.3, A12). */
export function checkIssuer(place: string, metadata: JsonObject, issuer: string): void {
  if (metadata['issuer'] === issuer) return;
  const found = shown(metadata['issuer'], SHOWN);
  throw new DocumentError(
    `the metadata at ${place} names another issuer: ${found}, wanted ${shown(issuer, SHOWN)}`,
  );
}
