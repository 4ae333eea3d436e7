/**
 * Characters that drive a terminal or reorder what it shows: controls, line ends, formats such as U+202E,
 * halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Every one of them as its escape: `\n`, `\u{1b}`, `\u{202e}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

/** Each line by itself: what was written by us may have lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

const SHORT: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

function escape(character: string): string {
  return SHORT[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** Cut where it is longer, with a sign that it was. */
export function atMost(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters)}…` : text;
}
