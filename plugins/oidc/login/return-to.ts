import { isOwnPath } from 'fairlead/plugin/kit';
import { LIMITS } from '../limits.ts';

/**
 * A way back as path and query, octet for octet, or undefined when it could lead to another site:
 * only a path with one slash in front, without controls, blanks and backslashes, that the URL parser of browsers
 * (WHATWG) sees on the same origin as we do, and that has one slash in front after it as well.
 */
export function safePath(wanted: string, origin: string): string | undefined {
  if (wanted.length > LIMITS.returnToCharacters) return undefined;
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return undefined;
  const url = URL.parse(wanted, origin);
  if (url === null || url.origin !== origin) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const path = url.pathname;
  // Dot segments are resolved by now, so `/.//evil` shows its two slashes.
  if (path.startsWith('//') || hasDisguise(path)) return undefined;
  url.hash = '';
  // `search` would leave out a `?` with nothing behind it.
  return url.href.slice(origin.length);
}

/** What becomes of a wish to come back, in the words of an attempt. */
export interface WayBack {
  readonly returnTo: string;
  /** The wish could not be kept: the person is told, and not left at another page without a word. */
  readonly isWayLost?: true;
}

/** The same, and the root of the site for everything that is refused. */
export function wayBack(wanted: string | undefined, origin: string): WayBack {
  if (wanted === undefined) return { returnTo: '/' };
  const path = safePath(wanted, origin);
  // Our own endpoints are no place to come back to: a callback would be a replay.
  if (path === undefined || isOwn(path)) return { returnTo: '/', isWayLost: true };
  return { returnTo: path };
}

/** The path of `wayBack` alone. */
export function returnTo(wanted: string | undefined, origin: string): string {
  return wayBack(wanted, origin).returnTo;
}

/** As the gateway reads paths, where a letter may be written encoded (RFC 3986 6.2.2.2). */
function isOwn(path: string): boolean {
  const plain = path.replace(/%[0-7][0-9a-f]/gi, (encoded) => {
    const character = decodeURIComponent(encoded);
    return /[\w.~-]/.test(character) ? character : encoded;
  });
  return isOwnPath(plain.split('?', 1)[0]!);
}

/** Encoded separators right at the start, for whoever decodes once more than a browser does. */
function hasDisguise(path: string): boolean {
  return /^\/(?:%2f|%5c|%09|%0a|%0d|%00)/i.test(path);
}
