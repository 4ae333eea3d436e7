import type { FieldSource, FieldTemplate } from '../snapshot/snapshot.ts';
import type { SourceNode } from '../source/source.ts';
import { textOf } from '../source/source.ts';
import { parseClaimPath } from './claim-path.ts';

/** Beside claim paths; the names are those of `require.when`. */
const SOURCES: Readonly<Record<string, FieldSource>> = {
  'tenant.tier': { kind: 'tier' },
  'request.id': { kind: 'request-id' },
  'request.client.ip': { kind: 'client-ip' },
};

/** What may stand in braces, for a sentence. */
export const PLACEHOLDER_NAMES: readonly string[] = [
  'identity.subject',
  'identity.issuer',
  'identity.method',
  'identity.claims.X',
  'tenant.id',
  ...Object.keys(SOURCES),
];

export type ParsedTemplate =
  | { readonly kind: 'ok'; readonly value: FieldTemplate }
  /** `start` and `end` are offsets in the text; `unknown` is the name, where that is the matter. */
  | {
      readonly kind: 'wrong';
      /** The rest of a sentence about the text. */
      readonly reason: string;
      readonly start: number;
      readonly end: number;
      readonly unknown: string | undefined;
    };

/**
 * Before a letter a brace begins a placeholder; every other one is itself, so that JSON can be written. A reference is
 * refused elsewhere (E105).
 */
const OPENING = /(?:\$(?!\{(?:env|file):)|(?<!\$))\{(?=[\s{]*[A-Za-z])/g;
const NAME = String.raw`[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\["(?:[^"\\]|\\["\\])+"\])*`;
const PLACE = new RegExp(String.raw`\{(${NAME})\}`, 'y');
/** For the mark below what is none. */
const ROUGHLY = /\$?\{[^}]*\}*/y;

/** Literals and `{name}`; the first place that is neither otherwise. */
export function parseTemplate(text: string): ParsedTemplate {
  const parts: (string | FieldSource)[] = [];
  let from = 0;
  for (const { index } of text.matchAll(OPENING)) {
    // Inside the quotes of a placeholder that was read.
    if (index < from) continue;
    PLACE.lastIndex = index;
    const place = PLACE.exec(text);
    const source = place === null ? undefined : sourceOf(place[1]!);
    if (place === null || source === undefined) return wrongAt(text, index, place?.[1]);
    if (index > from) parts.push(text.slice(from, index));
    parts.push(source);
    from = PLACE.lastIndex;
  }
  if (from < text.length) parts.push(text.slice(from));
  return { kind: 'ok', value: parts };
}

/** The placeholders of a text, or of the texts of a list; none where it has a fault. */
export function placeholdersIn(node: SourceNode): readonly FieldSource[] {
  if (node.kind === 'list') return node.items.flatMap(placeholdersIn);
  const parsed = parseTemplate(textOf(node) ?? '');
  return parsed.kind === 'ok' ? parsed.value.filter((part) => typeof part !== 'string') : [];
}

/** The text of a template without placeholders; undefined: it has some. */
export function literalOf(template: FieldTemplate): string | undefined {
  const texts = template.filter((part) => typeof part === 'string');
  return texts.length === template.length ? texts.join('') : undefined;
}

function sourceOf(name: string): FieldSource | undefined {
  return Object.hasOwn(SOURCES, name) ? SOURCES[name] : parseClaimPath(name);
}

function wrongAt(text: string, start: number, unknown: string | undefined): ParsedTemplate {
  ROUGHLY.lastIndex = start;
  const found = ROUGHLY.exec(text)![0];
  const reason =
    unknown === undefined
      ? `has ${found}, which is not of the form {name}`
      : `has the unknown placeholder {${unknown}}`;
  return { kind: 'wrong', reason, start, end: start + found.length, unknown };
}
