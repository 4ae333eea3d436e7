/** `text` with its percent-encoded octets read as UTF-8, or undefined when they are not (overlong forms included). */
export function decodeOctets(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const CONTROLS = /[\p{Cc}\u2028\u2029]/u;
const NOT_ASCII = /\P{ASCII}/u;
const SYNTAX = /[/\\;%]/g;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/**
 * True when a decoded path has no control and means the same after compatibility folding (NFKC, what
 * best-fit conversions do): `U+FF0F` folds to `/` and `U+FF0E` to `.`, so they could change the path.
 */
export function isCleanText(decoded: string): boolean {
  if (CONTROLS.test(decoded)) return false;
  if (!NOT_ASCII.test(decoded)) return true;
  const folded = decoded.normalize('NFKC');
  return countSyntax(folded) === countSyntax(decoded) && !DOT_SEGMENT.test(folded);
}

function countSyntax(text: string): number {
  return text.match(SYNTAX)?.length ?? 0;
}
