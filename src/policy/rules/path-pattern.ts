import type { Parsed } from './hosts.ts';
import { isOwnPath } from '../../core/own-path.ts';
import type { PathPattern } from '../snapshot/snapshot.ts';

/**
 * Characters of a segment in normal form: unreserved and sub-delims without `;` and `*` (RFC 3986 3.3),
 * which are refused in requests or mean something here, and escapes of what is neither.
 */
const SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()+,=:@]|%[0-9A-F]{2})*$/;
/** The route's own pattern, when its `paths` do not say `/**` themselves. */
export const WHOLE_HOST = '/**';
const MAX_LENGTH = 1024;

/** Reads `/a/b`, `/a/*` or `/a/**`; requests are matched in the same normal form (R-11). */
export function parsePathPattern(text: string): Parsed<PathPattern> {
  const kind = kindOf(text);
  const literal = kind === 'exact' ? text : text.slice(0, text.lastIndexOf('/'));
  const reason = troubleOf(text, literal);
  if (reason !== undefined) return { kind: 'wrong', reason };
  // `troubleOf` has seen to it that the escapes are UTF-8.
  return { kind: 'ok', value: { kind, literal, decoded: decodeURIComponent(literal) } };
}

function kindOf(text: string): PathPattern['kind'] {
  if (text.endsWith('/**')) return 'below';
  return text.endsWith('/*') ? 'one' : 'exact';
}

function troubleOf(text: string, literal: string): string | undefined {
  if (!text.startsWith('/')) return 'must start with "/"';
  if (text.length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters long`;
  if (/[?#]/.test(text)) return 'must not have a query or fragment; paths alone are matched';
  if (literal.includes('*')) return 'may have "*" only as its last segment: "/*" or "/**"';
  if (/[^\u0020-\u007e]/.test(text)) return `must be ASCII; write it as "${encodeURI(text)}"`;
  const segments = literal.split('/').slice(1);
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return 'must not have "." or ".." as a segment';
  }
  if (segments.slice(0, -1).includes('') || (literal !== text && segments.at(-1) === '')) {
    return 'must not have an empty segment ("//")';
  }
  return segments.map(segmentTrouble).find((trouble) => trouble !== undefined);
}

function segmentTrouble(segment: string): string | undefined {
  if (!SEGMENT.test(segment)) {
    return 'has a character that no path has in normal form; escapes are written %2A, in capitals';
  }
  for (const [escape] of segment.matchAll(/%[0-9A-F]{2}/g)) {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    // Two spellings of one path would hide that two rules claim it, and which is the longer.
    if (/[A-Za-z0-9\-._~!$&'()+,=:@]/.test(character)) {
      return `has ${escape}; its normal form is "${character}"`;
    }
    // Refused in requests, or taken only where another reading leads to the same rule: no rule for this
    // reading alone could ever hold (R-11).
    if (/[/\\;\p{Cc}]/u.test(character)) return `has ${escape}, which no rule may name`;
  }
  if (/%25[0-9A-Fa-f]{2}/.test(segment)) return 'is encoded twice, which no rule may name';
  return isUtf8(segment) ? undefined : 'has escapes that are not UTF-8, which no request may have';
}

function isUtf8(segment: string): boolean {
  try {
    decodeURIComponent(segment);
    return true;
  } catch {
    return false;
  }
}

/** Nothing below `/.fairlead/` is ever routed to a service. */
export function isReservedPath(pattern: PathPattern): boolean {
  return isOwnPath(pattern.literal);
}

/** Order of precedence: exact first, then the longest literal prefix. `/a/*` has the prefix `/a/`. */
export function comparePatterns(a: PathPattern, b: PathPattern): number {
  return weightOf(b) - weightOf(a) || (a.literal < b.literal ? -1 : Number(a.literal > b.literal));
}

function weightOf(pattern: PathPattern): number {
  if (pattern.kind === 'exact') return MAX_LENGTH + 1;
  return pattern.literal.length + (pattern.kind === 'one' ? 1 : 0);
}

/** True when every request that `inner` matches is one that `outer` matches too. */
export function isWithin(inner: PathPattern, outer: PathPattern): boolean {
  const below = `${outer.literal}/`;
  if (outer.kind === 'exact') return false;
  if (outer.kind === 'below')
    return inner.literal === outer.literal || inner.literal.startsWith(below);
  const isOneSegment =
    inner.literal.startsWith(below) && !inner.literal.slice(below.length).includes('/');
  return inner.kind === 'exact' && isOneSegment;
}
