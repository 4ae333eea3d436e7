import { claimText } from '../../core/claims.ts';
import { stringifyJson } from '../../core/exact-json.ts';

/**
 * A claim as the text of an identity field: a single value as it is, a list or an object as JSON in
 * ASCII, so that each element stays apart whatever it holds. Undefined for what is absent or empty: no
 * field is written.
 */
export function identityText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (Array.isArray(value) && value.length === 0) return undefined;
  const single = claimText(value);
  // One element that looks like a list would be read as many.
  if (single !== undefined && !(Array.isArray(value) && single.startsWith('['))) return single;
  return asciiJson(value);
}

const NOT_PRINTABLE = /[^\x20-\x7e]/g;

/** RFC 8259 7: whatever is not printable ASCII is escaped, so no field needs RFC 8187's form. */
function asciiJson(value: unknown): string {
  return stringifyJson(value).replace(NOT_PRINTABLE, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

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
