import { slipOf } from '../source/reference-slips.ts';

export type SecretText =
  | { readonly kind: 'secret'; readonly value: string }
  /** The rest of a sentence that begins with the file or variable; never a part of what it holds. */
  | { readonly kind: 'trouble'; readonly reason: string };

/** Editors, `echo` and Windows leave these behind a secret; no provider gives one that ends so. */
const LEFT_BEHIND = /\p{Cc}+$/u;
const CONTROL = /\p{Cc}/u;

/** The secret that a file or a variable holds, without what tools leave at its end. */
export function secretText(text: string): SecretText {
  const value = text.replace(LEFT_BEHIND, '');
  if (value === '') return { kind: 'trouble', reason: 'is empty' };
  // What a template or a shell should have replaced before the gateway saw it.
  if (slipOf(value.trim(), { isUrl: false })?.isWhole === true) {
    return {
      kind: 'trouble',
      reason: 'holds a placeholder that was not replaced, not a secret',
    };
  }
  // A key in PEM has lines; in anything else a line break inside is two secrets, or half of a wrong file.
  const at = value.startsWith('-----BEGIN ') ? -1 : value.search(CONTROL);
  if (at === -1) return { kind: 'secret', value };
  const code = value.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return {
    kind: 'trouble',
    reason: `holds a control character (U+${code}) inside, after ${at} characters`,
  };
}
