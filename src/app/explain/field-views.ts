import { fieldPairs, filterFields, hasField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { Allowed, Answered } from '../../evaluate/decision.ts';
import type { FieldRules, Origin, Rule } from '../../policy/snapshot/snapshot.ts';
import type { FieldName, FieldView, ResponseView } from './explanation.ts';
import { placeText } from './places.ts';

/** Fields that `headers.identity`, `set` and `add` write for the application. */
export function writtenForApplication(fields: HeaderList, rule: Rule): readonly FieldView[] {
  return written(fields, rule, ['identity', 'request.set', 'request.add']);
}

/** Fields of the client that the application does not get because the rule says so. */
export function removedFromRequest(rule: Rule): readonly FieldName[] {
  return removed(rule, rule.requestFields, 'headers.request.remove');
}

/** What the policy does to the response; undefined: nothing. */
export function responseView({
  match,
  responseFields,
}: Allowed | Answered): ResponseView | undefined {
  const { rule } = match;
  const { preset = [], responseFields: rules } = rule;
  if (rules === undefined && preset.length === 0) return undefined;
  const beside = filterFields(preset, (name) => !hasField(responseFields, name));
  const at = placeWhere(rule, (field) => field === 'headers.preset');
  return {
    headers: written(responseFields, rule, ['response.set', 'response.add']),
    without: removed(rule, rules, 'headers.response.remove'),
    unlessSet: fieldPairs(beside).map(([name, value]) => ({ name, value, at })),
  };
}

function written(fields: HeaderList, rule: Rule, keys: readonly string[]): readonly FieldView[] {
  return fieldPairs(fields).map(([name, value]) => {
    // `x-user*` is the form of `x-user` for other than ASCII.
    const wanted = keys.map((key) => `headers.${key}.${name.replace(/\*$/, '')}`);
    const at = placeWhere(rule, (field) => wanted.includes(field.toLowerCase()));
    return { name, value, at };
  });
}

function removed(rule: Rule, rules: FieldRules | undefined, field: string): readonly FieldName[] {
  const origins = rule.origins.filter((origin) => origin.field === field);
  const names = rules?.said.filter(({ kind }) => kind === 'remove') ?? [];
  return names.map(({ name }, index) => ({ name, at: placeOf(origins[index]) }));
}

function placeWhere(rule: Rule, isMeant: (field: string) => boolean): string | undefined {
  return placeOf(rule.origins.find(({ field }) => isMeant(field)));
}

function placeOf(origin: Origin | undefined): string | undefined {
  return origin && placeText(origin.position);
}
