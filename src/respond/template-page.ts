import type { PageTemplate, PlaceholderName } from '../core/page-template.ts';
import type { HeaderList } from '../core/header-list.ts';
import { markup } from '../html/markup.ts';

/** Sandboxed: no script, nothing of another host, in nobody's frame. */
export const TEMPLATE_FIELDS: HeaderList = [
  'content-type',
  'text/html; charset=utf-8',
  'content-security-policy',
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
];

export type TemplateValues = Readonly<Record<PlaceholderName, string | undefined>>;

/** The HTML of a template. Every value is escaped. */
export function templatePage({ texts, names }: PageTemplate, values: TemplateValues): string {
  const rest = names.map((name, index) => markup`${values[name]}`.text + texts[index + 1]!);
  return texts[0]! + rest.join('');
}
