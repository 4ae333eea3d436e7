import { claimText } from '../../core/claims.ts';

/** A comma would make two elements of one, a quote one of two, and space around it goes (RFC 9110 5.6.1). */
const NOT_IN_COMMA_FORM = /[,"\p{Cc}]|^\s|\s$/u;

/**
 * A list as field values: its elements with commas between, or one value for each. Undefined: an element is no single
 * value, or could be read as another list.
 */
export function listTexts(
  values: readonly unknown[],
  form: 'comma' | 'repeated',
): readonly string[] | undefined {
  const texts = values.map((value) => (Array.isArray(value) ? undefined : claimText(value)));
  if (!texts.every((text) => text !== undefined)) return undefined;
  if (form === 'repeated' || texts.length === 0) return texts;
  return texts.some((text) => NOT_IN_COMMA_FORM.test(text)) ? undefined : [texts.join(',')];
}
