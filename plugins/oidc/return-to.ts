import { LIMITS } from './limits.ts';

/**
 * A way back as path and query, or undefined when it could lead to another site: only a path
 * from the root, without controls, blanks, backslashes or `@` in the path, which the URL parser of
 * browsers (WHATWG) sees on the same origin as we do.
 */
export function safePath(wanted: string, origin: string): string | undefined {
  if (wanted.length > LIMITS.returnToCharacters) return undefined;
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return undefined;
  const url = URL.parse(wanted, origin);
  if (url === null || url.origin !== origin) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const path = url.pathname;
  // Dot segments are resolved by now, so `/.//evil` shows its two slashes.
  if (path.startsWith('//') || hasDisguise(path) || path.includes('@')) return undefined;
  return `${path}${url.search}`;
}

/** The same, and the root of the site for everything that is refused. */
export function returnTo(wanted: string | undefined, origin: string): string {
  const path = wanted === undefined ? undefined : safePath(wanted, origin);
  // Our own endpoints are no place to come back to: a callback would be a replay.
  return path === undefined || isOwn(path) ? '/' : path;
}

/** As the gateway reads paths, where a letter may be written encoded (RFC 3986 6.2.2.2). */
function isOwn(path: string): boolean {
  const plain = path.replace(/%[0-7][0-9a-f]/gi, (encoded) => {
    const character = decodeURIComponent(encoded);
    return /[\w.~-]/.test(character) ? character : encoded;
  });
  return /^\/\.fairlead(?:[/?]|$)/.test(plain);
}

/** Encoded separators right at the start, for whoever decodes once more than a browser does. */
function hasDisguise(path: string): boolean {
  return /^\/(?:%2f|%5c|%09|%0a|%0d|%00|%40)/i.test(path);
}
