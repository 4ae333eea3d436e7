import { fieldValues } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';

/**
 * What of a response's framing cannot be carried on exactly, or undefined. undici takes any list that ends
 * in `chunked` for chunked, and other codings for none: the client would get coded octets unnamed (RFC
 * 9112 6.1, 7). A length beyond 2^53 would be another number when it is written again.
 */
export function framingFault(headers: HeaderList): string | undefined {
  const codings = fieldValues(headers, 'transfer-encoding');
  const isChunked = codings.length === 1 && codings[0]!.toLowerCase() === 'chunked';
  if (codings.length > 0 && !isChunked) return `transfer-encoding is ${JSON.stringify(codings)}`;
  const length = fieldValues(headers, 'content-length')[0];
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return `content-length is ${JSON.stringify(length)}`;
  }
  return undefined;
}
