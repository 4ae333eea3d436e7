import { extname } from 'node:path';

/** What `respond.file` may be without a `content-type` of its own, by the end of its name. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.txt': 'text/plain; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  // RFC 9239 6.
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.xml': 'application/xml',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/vnd.microsoft.icon',
};

export const TYPED_ENDS: readonly string[] = Object.keys(CONTENT_TYPES);

/** Undefined: the end of the name is none of the list. */
export function contentTypeOf(file: string): string | undefined {
  const end = extname(file).toLowerCase();
  return Object.hasOwn(CONTENT_TYPES, end) ? CONTENT_TYPES[end] : undefined;
}
