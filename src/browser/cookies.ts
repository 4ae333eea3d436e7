import type { HeaderList } from '../core/header-list.ts';
import { fieldValues } from '../core/header-list.ts';

/** More pairs than any browser keeps for a site; the rest is not read. */
const MAX_PAIRS = 500;
/** RFC 6265 4.1.1 token; a pair without a name is not a cookie to us (L3). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The cookies of a request by name, values as received. A name that came twice is left out: one of
 * the two was planted, and nobody can tell which.
 */
export function readCookies(headers: HeaderList): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  const repeated = new Set<string>();
  for (const pair of fieldValues(headers, 'cookie').join(';').split(';', MAX_PAIRS)) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    const value = pair.slice(equals + 1).trim();
    if (!NAME.test(name) || /\p{Cc}/u.test(value)) continue;
    if (cookies.has(name)) repeated.add(name);
    cookies.set(name, value);
  }
  for (const name of repeated) cookies.delete(name);
  return cookies;
}
