import { RULE_FIELDS } from '../../policy/schema/schema.ts';
import type { Origin, SourcePosition } from '../../policy/snapshot/snapshot.ts';
import type { WrittenValue } from './explanation.ts';

/** `file:line:column`. */
export function placeText({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

/** A value of a rule with what decided it; the name of the level as an operator knows it. */
export function writtenValue({ field, level, profile, text, position }: Origin): WrittenValue {
  return {
    field,
    text: text === 'null' ? `${defaultOf(field)}, set back` : text,
    at: placeText(position),
    level: levelText({ level, profile }),
  };
}

/** What holds where no level says anything, as an operator would write it. */
export function defaultOf(field: string): string {
  return RULE_FIELDS.find(({ name }) => name === field)?.byDefault ?? 'none';
}

function levelText({ level, profile }: Pick<Origin, 'level' | 'profile'>): string {
  if (profile !== undefined) return `profile ${profile}`;
  return level === 'defaults' ? 'gateway.defaults' : level;
}
