/** Text that is HTML already. Everything else that goes into `markup` is escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | Markup | readonly Markup[] | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A template of HTML: values are escaped, unless they are Markup; `undefined` is nothing. Not called
 * `html`, since formatters rewrite what is inside that one, and the style has a hash.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const pieces = parts.map((part, index) => part + markupOf(values[index]));
  return new Markup(pieces.join(''));
}

function markupOf(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value !== 'string') return value.map(({ text }) => text).join('');
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
