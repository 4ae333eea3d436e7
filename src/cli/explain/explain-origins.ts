import { RULE_FIELDS } from '../../policy/schema/schema.ts';
import type { RuleField } from '../../policy/schema/schema.ts';
import type { Origin, Rule, SourcePosition } from '../../policy/snapshot/snapshot.ts';
import type { ExplainLine } from './explain-line.ts';

/** What holds where a request ends, in the order of the schema, and what decided it: a place, or the default. */
export function originLines({ origins }: Rule): ExplainLine[] {
  return RULE_FIELDS.flatMap((field) => {
    const own = origins.filter((origin) => isOf(origin, field));
    if (own.length > 0) return own.map((origin) => writtenLine(origin, field));
    const { name, byDefault } = field;
    return byDefault === undefined ? [] : [['rule', `${name} ${byDefault}`, 'by default']];
  });
}

export function placeOf({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

function isOf({ field }: Origin, { name, joining }: RuleField): boolean {
  return field === name || (joining === 'names' && field.startsWith(`${name}.`));
}

function levelText({ level, profile }: Origin): string {
  if (profile !== undefined) return `profile ${profile}`;
  return level === 'defaults' ? 'gateway.defaults' : level;
}

function writtenLine(origin: Origin, { byDefault = 'nothing' }: RuleField): ExplainLine {
  const { field, text, position } = origin;
  const value = text === 'null' ? `${byDefault}, set back` : text;
  return ['rule', `${field} ${value}`, `${placeOf(position)} (${levelText(origin)})`];
}
