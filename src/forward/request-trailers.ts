import { foldFieldName } from '../core/field-name.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import { isKeptFromApplication } from './client-fields.ts';

/** What a request's trailer must not say (RFC 9110 6.5.1), beyond what its fields must not. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'authorization',
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'max-forwards',
  'range',
]);

/** The client's trailers as an HTTP/2 application may get them: filtered like fields (R-8, E9). */
export function requestTrailers(trailers: HeaderList, guarded: ReadonlySet<string>): HeaderList {
  const kept: MutableHeaderList = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i]!.toLowerCase();
    if (isForbidden(name) || isKeptFromApplication(name, guarded)) continue;
    kept.push(trailers[i]!, trailers[i + 1]!);
  }
  return kept;
}

function isForbidden(name: string): boolean {
  return name.startsWith('if-') || FORBIDDEN.has(foldFieldName(name));
}
