import { refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import { decodeOctets, isCleanText } from './percent.ts';

/**
 * A request target after the one normalisation that match, authorisation, limit, log and forward use
 * . Normalising again gives the same.
 */
export interface NormalPath {
  /** Starts with `/`, only RFC 3986 path characters, percent-encoding upper case and only where needed. */
  readonly path: string;
  /** `path` with every encoding resolved: what patterns are compared with. */
  readonly decoded: string;
  /** After the first `?`, as received; undefined when there was none. Never part of a match. */
  readonly query: string | undefined;
}

/** RFC 3986 pchar without `;`, `%` and what may stand in a dot segment; `/` begins a segment. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*\/?$/;
/** RFC 3986 query, and what browsers leave as it is there. No control, space, `#` or raw non-ASCII. */
const QUERY = /^[\x21\x22\x24-\x7e]*$/;

/**
 * Normalises an origin-form target (RFC 3986 6.2.2). Refused with `invalid_path`, because some
 * application reads it as another path: encoded or doubled slashes, backslashes, `;`, dot segments,
 * encoded dots, NUL and controls, double encoding, invalid percent-encoding or UTF-8, raw non-ASCII.
 */
export function normalisePath(target: string): NormalPath | Refusal {
  const mark = target.indexOf('?');
  const raw = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? undefined : target.slice(mark + 1);
  if (query !== undefined && !QUERY.test(query)) return invalid('the query has a raw octet');
  // The common path needs no rewriting, and its decoded form is itself.
  if (raw !== '' && PLAIN_PATH.test(raw)) return { path: raw, decoded: raw, query };
  const path = rewriteOctets(raw);
  if (typeof path !== 'string') return path;
  const decoded = decodeOctets(path);
  const fault = decoded === undefined ? 'it is not UTF-8' : whatIsWrong(path, decoded);
  return fault === undefined ? { path, decoded: decoded!, query } : invalid(fault);
}

/** Characters that browsers send raw although RFC 3986 wants them encoded: both spellings become one. */
const ENCODED_FOR: ReadonlyMap<string, string> = new Map([
  ['|', '%7C'],
  ['[', '%5B'],
  [']', '%5D'],
]);
const TOKEN = /%[0-9A-Fa-f]{2}|[A-Za-z0-9._~!$&'()*+,=:@/|[\]-]/y;
const UNRESERVED = /^[A-Za-z0-9_~-]$/;

/** RFC 3986 6.2.2.1 and 6.2.2.2: hex in upper case, encoded unreserved characters decoded. */
function rewriteOctets(raw: string): string | Refusal {
  let path = '';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < raw.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(raw)?.[0];
    if (token === undefined) return invalid(`octet ${at} is not a path character`);
    path += token.length === 1 ? (ENCODED_FOR.get(token) ?? token) : rewriteEncoded(token);
  }
  return path;
}

function rewriteEncoded(token: string): string {
  const character = String.fromCharCode(Number.parseInt(token.slice(1), 16));
  return UNRESERVED.test(character) ? character : token.toUpperCase();
}

/** `/`, `\`, `.`, `;` and controls, encoded: applications disagree on when these are decoded. */
const ENCODED_SYNTAX = /%(?:2F|5C|2E|3B|[01][0-9A-F]|7F)/;
/** An encoded `%` before two hex digits: the second decoding would see another path. */
const DOUBLE_ENCODING = /%25[0-9A-Fa-f]{2}/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

function whatIsWrong(path: string, decoded: string): string | undefined {
  if (!path.startsWith('/')) return 'it does not start with "/"';
  if (ENCODED_SYNTAX.test(path)) return 'it has an encoded slash, backslash, dot, ";" or control';
  if (DOUBLE_ENCODING.test(path)) return 'it is encoded twice';
  if (path.includes('//')) return 'it has an empty segment';
  if (DOT_SEGMENT.test(path)) return 'it has a dot segment';
  return isCleanText(decoded) ? undefined : 'it has a look-alike of "/", "\\", "." or a control';
}

function invalid(detail: string): Refusal {
  return refuse('invalid_path', { reason: { code: 'path.invalid', detail } });
}
