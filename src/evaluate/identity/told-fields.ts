import type { HeaderList } from '../../core/header-list.ts';
import type { Refusal } from '../../core/refusal.ts';
import { isRefusal } from '../../core/refusal.ts';
import type { Rule } from '../../policy/snapshot/snapshot.ts';
import { addedFields } from './added-fields.ts';
import type { FieldFacts } from './field-value.ts';
import { NO_FIELDS, identityFields } from './identity-fields.ts';

/** What the policy puts into the fields of one exchange: names and values by turns. */
export interface ToldFields {
  /** `headers.identity`, then `set` and `add` of `headers.request`: for the application. */
  readonly requestFields: HeaderList;
  /** `set` and `add` of `headers.response`: for the client. */
  readonly responseFields: HeaderList;
}

export const NOTHING_TOLD: ToldFields = Object.freeze({
  requestFields: NO_FIELDS,
  responseFields: NO_FIELDS,
});

/** False: the answer is `NOTHING_TOLD`, and nobody needs to gather facts for it. */
export function writesFields({ identityHeaders, requestFields, responseFields }: Rule): boolean {
  return identityHeaders.length > 0 || requestFields !== undefined || responseFields !== undefined;
}

/** Refuses with `identity_header` when a value is there and cannot be written. */
export function toldFields(rule: Rule, facts: FieldFacts): ToldFields | Refusal {
  // Nothing is forwarded where the policy answers.
  const requestFields = rule.answer === undefined ? forApplication(rule, facts) : NO_FIELDS;
  if (isRefusal(requestFields)) return requestFields;
  const responseFields = addedFields(rule.responseFields, rule.identityLists, facts);
  return isRefusal(responseFields) ? responseFields : { requestFields, responseFields };
}

function forApplication(rule: Rule, facts: FieldFacts): HeaderList | Refusal {
  const identity = identityFields(rule, facts);
  if (isRefusal(identity)) return identity;
  const added = addedFields(rule.requestFields, rule.identityLists, facts);
  if (isRefusal(added) || identity.length === 0) return added;
  return added.length === 0 ? identity : [...identity, ...added];
}
