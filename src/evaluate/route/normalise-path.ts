import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { PathForm } from '../../policy/snapshot/snapshot.ts';
import { readingsOf } from './path-readings.ts';
import { decodeOctets, isCleanText } from './percent.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/**
 * A request target after the one normalisation that match, authorisation, limit, log and forward use
 * . Normalising again gives the same.
 */
export interface NormalPath {
  /** Starts with `/`, only RFC 3986 path characters, percent-encoding upper case and only where needed. */
  readonly path: string;
  /** `path` with its encodings resolved, all but an encoded slash: what patterns are compared with. */
  readonly decoded: string;
  /** After the first `?`, as received; undefined when there was none. Never part of a match. */
  readonly query: string | undefined;
  /** Undefined: every application reads this path alike. */
  readonly unusual: UnusualPath | undefined;
}

/** A path that some application reads otherwise than another one. */
export interface UnusualPath {
  /** Forms that a route has to allow, each by its option of `routes.X.path`. */
  readonly forms: readonly PathForm[];
  /** Everything that an application may read, decoded: all of it has to lead to the same rule. */
  readonly readings: readonly string[];
}

/** RFC 3986 pchar without `;`, `%` and what may stand in a dot segment; `/` begins a segment. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*\/?$/;
/** RFC 3986 query, and what browsers leave as it is there. No control, space, `#` or raw non-ASCII. */
const QUERY = /^[\x21\x22\x24-\x7e]*$/;

/**
 * Normalises an origin-form target (RFC 3986 6.2.2). Refused with `invalid_path`, whatever a route says:
 * dot segments in any reading, backslashes, NUL and controls, syntax that is encoded twice, invalid
 * percent-encoding or UTF-8, raw non-ASCII, and `//` in front, which URL parsers take for a host.
 */
export function normalisePath(target: string): NormalPath | Refusal {
  const mark = target.indexOf('?');
  const raw = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? undefined : target.slice(mark + 1);
  if (query !== undefined && !QUERY.test(query)) return invalidPath('the query has a raw octet');
  // The common path needs no rewriting, and its decoded form is itself.
  if (raw !== '' && PLAIN_PATH.test(raw)) {
    return { path: raw, decoded: raw, query, unusual: undefined };
  }
  const path = rewriteOctets(raw);
  if (typeof path !== 'string') return path;
  const decoded = decodeOctets(path);
  const fault = decoded === undefined ? 'it is not UTF-8' : whatIsWrong(path, decoded);
  if (fault !== undefined) return invalidPath(fault);
  return finish(path, decoded!, query);
}

export function invalidPath(detail: string): Refusal {
  return refuse('invalid_path', { reason: namedReason('path.invalid', detail) });
}

function finish(path: string, decoded: string, query: string | undefined): NormalPath | Refusal {
  const forms = formsOf(path);
  if (forms.length === 0 && !DOUBLE_ENCODING.test(path)) {
    return { path, decoded, query, unusual: undefined };
  }
  const readings = readingsOf(path, decoded);
  if (readings === undefined) return invalidPath('what is encoded twice in it is not UTF-8');
  // What stands beside a dot may go in a reading, and a look-alike of one may then be a segment.
  if (readings.some((reading) => DOT_SEGMENT.test(reading) || !isCleanText(reading))) {
    return invalidPath('some application reads a dot segment in it');
  }
  return { path, decoded: readings[0]!, query, unusual: { forms, readings } };
}

function formsOf(path: string): PathForm[] {
  const forms: PathForm[] = [];
  if (path.includes('%2F')) forms.push('encodedSlash');
  if (path.includes(';') || path.includes('%3B')) forms.push('parameters');
  if (path.includes('//')) forms.push('emptySegments');
  return forms;
}

/** Characters that browsers send raw although RFC 3986 wants them encoded: both spellings become one. */
const ENCODED_FOR: ReadonlyMap<string, string> = new Map([
  ['|', '%7C'],
  ['[', '%5B'],
  [']', '%5D'],
]);
const TOKEN = /%[0-9A-Fa-f]{2}|[A-Za-z0-9._~!$&'()*+,;=:@/|[\]-]/y;
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/** RFC 3986 6.2.2.1 and 6.2.2.2: hex in upper case, encoded unreserved characters decoded. */
function rewriteOctets(raw: string): string | Refusal {
  let path = '';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < raw.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(raw)?.[0];
    if (token === undefined) return invalidPath(`octet ${at} is not a path character`);
    path += token.length === 1 ? (ENCODED_FOR.get(token) ?? token) : rewriteEncoded(token);
  }
  return path;
}

function rewriteEncoded(token: string): string {
  const character = String.fromCharCode(Number.parseInt(token.slice(1), 16));
  return UNRESERVED.test(character) ? character : token.toUpperCase();
}

/** `` and controls, encoded: applications disagree on when these are decoded. */
const ENCODED_SYNTAX = /%(?:5C|[01][0-9A-F]|7F)/;
/** An encoded `%` before two hex digits: a second decoding would see another path … */
const DOUBLE_ENCODING = /%25[0-9A-Fa-f]{2}/;
/** … and here other segments, or a third one: `/`, ``, `.`, `;`, `%` and controls. */
const DOUBLE_ENCODED_SYNTAX = /%25(?:2F|5C|2E|3B|25|[01][0-9A-F]|7F)/i;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

function whatIsWrong(path: string, decoded: string): string | undefined {
  if (!path.startsWith('/')) return 'it does not start with "/"';
  if (path.startsWith('//')) return 'it starts with "//"';
  if (ENCODED_SYNTAX.test(path)) return 'it has an encoded backslash or control';
  if (DOUBLE_ENCODED_SYNTAX.test(path)) return 'it has syntax that is encoded twice';
  if (DOT_SEGMENT.test(path)) return 'it has a dot segment';
  return isCleanText(decoded) ? undefined : 'it has a look-alike of "/", "\\", "." or a control';
}
