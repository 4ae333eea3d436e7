export interface EncodedField {
  readonly name: string;
  readonly value: string;
}

/**
 * An identity value as a field (policy-language.md 8): ASCII as it is; anything else as an
 * ext-value in `name*` (RFC 8187 3.2.1); undefined when it holds a control character (R-17).
 */
export function encodeIdentityValue(name: string, text: string): EncodedField | undefined {
  if (hasControlCharacter(text)) return undefined;
  if (isAscii(text)) return { name, value: text };
  return { name: `${name}*`, value: `UTF-8''${percentEncode(text)}` };
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    // C0, DEL and C1: none may appear in a field value (RFC 9110 5.5) or be smuggled past a decoder.
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 0x7e) return false;
  }
  return true;
}

/** RFC 8187 3.2.1 attr-char is narrower than what encodeURIComponent leaves alone. */
function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
