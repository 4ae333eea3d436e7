import type { HeaderList } from '../../core/header-list.ts';
import type { UpstreamRequest } from '../upstream.ts';

/**
 * The fields of a request as HTTP/2 writes them: Host is :authority (RFC 9113 8.3.1), names are lower
 * case (8.2), and `te: trailers` is said because we pass trailers on (8.2.2; gRPC asks for it).
 */
export function h2RequestFields(request: UpstreamRequest, scheme: 'http' | 'https'): string[] {
  const plain: string[] = [];
  let authority = '';
  for (let i = 0; i < request.headers.length; i += 2) {
    const name = request.headers[i]!.toLowerCase();
    if (name === 'host') authority = request.headers[i + 1]!;
    else plain.push(name, request.headers[i + 1]!);
  }
  const { method, target } = request;
  const pseudo = [':method', method, ':scheme', scheme, ':authority', authority, ':path', target];
  return [...pseudo, ...plain, 'te', 'trailers'];
}

/** Without the pseudo-fields, which come first. */
export function plainFields(raw: HeaderList): HeaderList {
  let first = 0;
  while (raw[first]?.startsWith(':') === true) first += 2;
  return raw.slice(first);
}
