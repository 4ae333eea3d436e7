import { fieldsThatAre } from '../core/fields/fields.ts';
import { filterFields } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';

/**
 * What a trailer must not say (RFC 9110 6.5.1): framing, routing, request modifiers, authentication,
 * response control and how to read content; and everything that `clientResponseFields` governs.
 */
const FORBIDDEN = fieldsThatAre(
  'hop',
  'framing',
  'credential',
  'content',
  'control',
  'answer',
  'limit',
);

/** The application's trailers as the client may get them: never merged into fields, filtered alike (E9). */
export function clientTrailers(upstream: HeaderList): HeaderList {
  return filterFields(upstream, (name) => !isForbidden(name));
}

/** Pseudo-fields end with the head (RFC 9113 8.1). */
function isForbidden(name: string): boolean {
  return name.startsWith(':') || FORBIDDEN.has(name);
}
