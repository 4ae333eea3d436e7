import type { HeaderList, MutableHeaderList } from '../../core/header-list.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { FieldRules, FieldTemplate, Rule } from '../../policy/snapshot/snapshot.ts';
import { pushField, sourceTexts, unwritable } from './field-value.ts';
import type { FieldFacts } from './field-value.ts';
import { NO_FIELDS } from './identity-fields.ts';

/**
 * What `set` and `add` put in. A text with a placeholder that has no value gives no field. Refuses with
 * `identity_header` when a value is there and cannot be written.
 */
export function addedFields(
  rules: FieldRules | undefined,
  lists: Rule['identityLists'],
  facts: FieldFacts,
): HeaderList | Refusal {
  if (rules === undefined) return NO_FIELDS;
  if (rules.literals !== undefined) return rules.literals;
  const fields: MutableHeaderList = [];
  for (const { name, template } of rules.added) {
    const texts = filled(template, facts, lists);
    if (texts === undefined) return unwritable(name, 'identity.list_element');
    const why = pushField(fields, name, texts);
    if (why !== undefined) return unwritable(name, why);
  }
  return fields;
}

/**
 * The texts of a template: several where a list is `repeated`. Undefined: an element cannot be told from another, or
 * two lists stand in one text.
 */
function filled(
  template: FieldTemplate,
  facts: FieldFacts,
  lists: Rule['identityLists'],
): readonly string[] | undefined {
  let texts: readonly string[] = [''];
  for (const part of template) {
    const more = typeof part === 'string' ? [part] : sourceTexts(part, facts, lists);
    if (more === undefined || (texts.length > 1 && more.length > 1)) return undefined;
    texts = texts.flatMap((text) => more.map((end) => text + end));
  }
  return texts;
}
