import type { JsonSchema } from './json-schema-data.ts';
import { alternativesOf, code, yamlText } from './value-kind.ts';

/** A description without what it says of the default, and the default. */
export interface Described {
  readonly what: string;
  readonly byDefault: string | undefined;
}

/**
 * A default that is computed ("the name of the service") cannot be a value of the schema, so the last
 * sentence of the description has it: `Default: …`.
 */
const LAST_SENTENCE = /^(?:(.*?)[.;] )?[Dd]efault:? ((?:[^.]|\.(?=\S))+)\.?$/s;

/** A description that says the default too; wrappers of one value come here again with the same text. */
export function withDefault(description: string, value: unknown): string {
  const sentence = ` Default ${yamlText(value)}.`;
  return value === undefined || description.endsWith(sentence)
    ? description
    : `${description}${sentence}`;
}

/** Takes the default out of a description, for a table that has a column for it. */
export function described(place: JsonSchema): Described {
  const description = typeof place['description'] === 'string' ? place['description'] : '';
  const value = defaultOf(place);
  const [, what, sentence] = LAST_SENTENCE.exec(description) ?? [];
  if (sentence === undefined || (value !== undefined && sentence !== yamlText(value))) {
    return { what: description, byDefault: value === undefined ? undefined : code(value) };
  }
  return { what: what ?? '', byDefault: value === undefined ? sentence : code(value) };
}

/** The value that counts where nothing is said; a mapping that is empty by default has none. */
function defaultOf(place: JsonSchema): unknown {
  const value = [place, ...alternativesOf(place)].find((each) => each['default'] !== undefined);
  const found = value?.['default'];
  const isEmpty = typeof found === 'object' && found !== null && Object.keys(found).length === 0;
  return isEmpty ? undefined : found;
}
