import { DocumentError } from './document-error.ts';

/**
 * The body of an answer. Rejects with a DocumentError when it has more than `maxOctets`: Content-Length may be absent
 * or, with a content coding, of something else, so octets are counted.
 */
export async function readBounded(
  place: string,
  response: Response,
  maxOctets: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxOctets) throw tooLarge(place, maxOctets);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function tooLarge(place: string, maxOctets: number): DocumentError {
  return new DocumentError(`${place} is larger than ${maxOctets} octets`);
}
