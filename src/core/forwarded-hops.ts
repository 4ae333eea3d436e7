import { plainAddress } from './address-list.ts';

/** The members of X-Forwarded-For, the last one first. Made one by one: what is left of the client is not read. */
export function* splitList(line: string): Generator<string> {
  for (let end = line.length; end >= 0;) {
    const comma = end === 0 ? -1 : line.lastIndexOf(',', end - 1);
    yield line.slice(comma + 1, end);
    end = comma;
  }
}

/**
 * The elements of Forwarded (RFC 7239 4), the last one first. Quotes are paired from the right, where our neighbour
 * wrote: paired from the left, one open quote of a client could swallow what the neighbour has said.
 */
export function* splitForwarded(line: string): Generator<string> {
  let end = line.length;
  for (let at = end - 1; at >= 0; at -= 1) {
    if (line[at] === '"') at = openingQuote(line, at);
    else if (line[at] === ',') {
      yield line.slice(at + 1, end);
      end = at;
    }
  }
  yield line.slice(0, end);
}

/** Where the quoted string begins that ends at `closing`; -1: nowhere. */
function openingQuote(line: string, closing: number): number {
  let at = closing - 1;
  while (at >= 0 && !(line[at] === '"' && !isEscaped(line, at))) at -= 1;
  return at;
}

/** RFC 9110 5.6.4: after an odd number of backslashes. */
function isEscaped(line: string, at: number): boolean {
  let backslashes = 0;
  while (line[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`; undefined: no address. */
export function readListedHop(member: string): string | undefined {
  const text = member.trim();
  // The longest address has 45 characters, brackets and port eight more.
  if (text.length > 53) return undefined;
  const [, bracketed, dotted] =
    /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/.exec(text) ?? [];
  if (bracketed !== undefined && !bracketed.includes(':')) return undefined;
  return plainAddress(bracketed ?? dotted ?? text);
}

/** RFC 7239 4: a pair, and what may stand behind it. */
const PAIR =
  /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^ \t;,"]+))[ \t]*(?:;|$)/y;

/** The address in `for`, named once; undefined: no address, such as `unknown` or `_hidden`, or no well-formed element. */
export function readForwardedHop(element: string): string | undefined {
  const named: string[] = [];
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < element.length) {
    const pair = PAIR.exec(element);
    if (pair === null) return undefined;
    if (pair[1]!.toLowerCase() === 'for') named.push(pair[2] ?? pair[3]!);
  }
  return named.length === 1 ? readListedHop(named[0]!) : undefined;
}
