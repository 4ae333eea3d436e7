import type { HeaderList, MutableHeaderList } from '../../core/header-list.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Rule } from '../../policy/snapshot/snapshot.ts';
import { pushField, sourceTexts, unwritable } from './field-value.ts';
import type { FieldFacts } from './field-value.ts';

export const NO_FIELDS: HeaderList = Object.freeze([]);

/**
 * The fields of `headers.identity`. What is absent or empty gives no field: on a public path all but the tenant.
 * Refuses with `identity_header` when a claim is there and cannot be written.
 */
export function identityFields(
  rule: Pick<Rule, 'identityHeaders' | 'identityLists'>,
  facts: FieldFacts,
): HeaderList | Refusal {
  if (rule.identityHeaders.length === 0) return NO_FIELDS;
  const fields: MutableHeaderList = [];
  for (const { name, value } of rule.identityHeaders) {
    const texts = sourceTexts(value, facts, rule.identityLists);
    if (texts === undefined) return unwritable(name, 'identity.list_element');
    const why = pushField(fields, name, texts);
    if (why !== undefined) return unwritable(name, why);
  }
  return fields;
}
