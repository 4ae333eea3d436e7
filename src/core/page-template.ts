/**
 * The names that a page template of the operator may have as `{{name}}`, with what stands there. Always text,
 * escaped for HTML; empty where nothing is known.
 */
export const PLACEHOLDERS = {
  title: 'the heading that our own page would have',
  sentence: 'what happened, in one sentence',
  code: 'the code of the refusal',
  status: 'the status of the answer',
  id: 'the id of the request',
  time: 'when it was, in UTC',
  retry: 'how long to wait, such as 12 seconds',
  login: 'the path at which a login begins',
  explained: 'the path of the page of the code',
  reason: 'why, where `gateway.errors.detail` is public',
  remedy: 'what to do, where `gateway.errors.detail` is public',
  brand: '`brand.name`',
  logo: 'the path of the logo',
  style: 'the path of our stylesheet, in the colours of the brand',
  support: '`support`',
} as const;

export type PlaceholderName = keyof typeof PLACEHOLDERS;

/** Texts of HTML with a placeholder between each two: one more text than names. */
export interface PageTemplate {
  readonly texts: readonly string[];
  readonly names: readonly PlaceholderName[];
}

export interface TemplateFault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The rest of a sentence about the place. */
  readonly what: string;
  /** The name that is not known, where that is the matter. */
  readonly unknown?: string;
}

const PLACE = /\{\{([a-z]*)\}\}|\{\{/g;

/** The template, or its first fault: an unknown name, another form than `{{name}}`, a value without quotes. */
export function parseTemplate(html: string): PageTemplate | TemplateFault {
  const texts: string[] = [];
  const names: PlaceholderName[] = [];
  let from = 0;
  for (const match of html.matchAll(PLACE)) {
    const [place, name] = match;
    const fault = faultOf(name, html.slice(from, match.index));
    if (fault !== undefined) return { ...placeIn(html, match.index), ...fault };
    texts.push(html.slice(from, match.index));
    names.push(name as PlaceholderName);
    from = match.index + place.length;
  }
  return { texts: [...texts, html.slice(from)], names };
}

export function isTemplateFault(parsed: PageTemplate | TemplateFault): parsed is TemplateFault {
  return 'what' in parsed;
}

function faultOf(
  name: string | undefined,
  before: string,
): Pick<TemplateFault, 'what' | 'unknown'> | undefined {
  if (name === undefined || name === '') return { what: 'has "{{" and no {{name}}' };
  if (!Object.hasOwn(PLACEHOLDERS, name)) {
    return { what: `has the unknown placeholder {{${name}}}`, unknown: name };
  }
  // Escaping keeps a text inside quotes; without them a space ends the attribute.
  if (before.trimEnd().endsWith('='))
    return { what: `has {{${name}}} as the value of an attribute without quotes` };
  return undefined;
}

function placeIn(html: string, index: number): Pick<TemplateFault, 'line' | 'column'> {
  const lines = html.slice(0, index).split('\n');
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
