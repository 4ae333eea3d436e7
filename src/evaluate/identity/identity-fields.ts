import { readClaim } from '../../core/claims.ts';
import type { Claimant } from '../../core/claims.ts';
import type { HeaderList, MutableHeaderList } from '../../core/header-list.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Rule } from '../../policy/snapshot/snapshot.ts';
import { listTexts } from './identity-list.ts';
import { identityText } from './identity-text.ts';
import { encodeIdentityValue } from './identity-value.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/**
 * Longer than this no application takes one field (node, nginx and Tomcat have 8 or 16 KiB for all of
 * them): the person would get a refusal of the application's that says nothing.
 */
const MAX_VALUE_LENGTH = 8 * 1024;

export const NO_FIELDS: HeaderList = Object.freeze([]);

export interface IdentityFieldsInput {
  readonly rule: Pick<Rule, 'identityHeaders' | 'identityLists'>;
  readonly identity: Claimant | undefined;
  readonly tenantId: string | undefined;
}

/**
 * The fields of `headers.identity`. A claim that is absent or empty gives no field; refuses with
 * `identity_header` when a claim is there and cannot be written.
 */
export function identityFields(input: IdentityFieldsInput): HeaderList | Refusal {
  const { identity, rule } = input;
  if (identity === undefined || rule.identityHeaders.length === 0) return NO_FIELDS;
  const fields: MutableHeaderList = [];
  for (const { name, value } of rule.identityHeaders) {
    const texts = textsOf(readClaim(value, identity, input.tenantId), rule.identityLists);
    if (texts === undefined) return unwritable(name, 'identity.list_element');
    let length = 0;
    for (const text of texts) {
      const encoded = encodeIdentityValue(name, text);
      if (encoded === undefined) return unwritable(name, 'identity.control_character');
      length += encoded.value.length;
      if (length > MAX_VALUE_LENGTH) return unwritable(name, 'identity.too_long');
      fields.push(encoded.name, encoded.value);
    }
  }
  return fields;
}

/** The values of a field, one a line; undefined: an element of a list cannot be told from another. */
function textsOf(value: unknown, lists: Rule['identityLists']): readonly string[] | undefined {
  if (lists !== undefined && Array.isArray(value)) return listTexts(value, lists);
  const text = identityText(value);
  return text === undefined ? [] : [text];
}

const WHY = {
  'identity.control_character': 'holds a control character',
  'identity.list_element': 'is a list with an element that cannot be written by "headers.lists"',
  'identity.too_long': `has over ${MAX_VALUE_LENGTH} octets`,
} as const;

function unwritable(name: string, why: keyof typeof WHY): Refusal {
  return refuse('identity_header', {
    reason: namedReason(why, `the value for the identity field ${name} ${WHY[why]}`),
  });
}
