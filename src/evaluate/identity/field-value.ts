import { readClaim } from '../../core/claims.ts';
import type { Claimant } from '../../core/claims.ts';
import type { MutableHeaderList } from '../../core/header-list.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { FieldSource, Rule } from '../../policy/snapshot/snapshot.ts';
import { namedReason } from '../../telemetry/names/names.ts';
import { identityText, listTexts } from './identity-text.ts';
import { encodeIdentityValue } from './identity-value.ts';

/** What the policy may write into a field. */
export interface FieldFacts {
  /** Undefined: nobody is known. */
  readonly identity: Claimant | undefined;
  readonly tenant: { readonly id: string; readonly tier: string | undefined };
  readonly requestId: string;
  readonly clientAddress: string;
}

/**
 * Longer than this no application takes one field (node, nginx and Tomcat have 8 or 16 KiB for all of
 * them): the person would get a refusal of the application's that says nothing.
 */
const MAX_VALUE_LENGTH = 8 * 1024;

const WHY = {
  'identity.control_character': 'holds a control character',
  'identity.list_element': 'is a list with an element that cannot be written by "headers.lists"',
  'identity.space_at_end': 'begins or ends with a space',
  'identity.too_long': `has over ${MAX_VALUE_LENGTH} octets`,
} as const;

export type Unwritable = keyof typeof WHY;

/**
 * The texts of a source, one a line: none where there is no value. Undefined: an element of a list cannot be told
 * from another.
 */
export function sourceTexts(
  source: FieldSource,
  facts: FieldFacts,
  lists: Rule['identityLists'],
): readonly string[] | undefined {
  const value = valueOf(source, facts);
  if (lists !== undefined && Array.isArray(value)) return listTexts(value, lists);
  const text = identityText(value);
  return text === undefined ? [] : [text];
}

function valueOf(source: FieldSource, facts: FieldFacts): unknown {
  switch (source.kind) {
    case 'tenant':
      return facts.tenant.id;
    case 'tier':
      return facts.tenant.tier;
    case 'request-id':
      return facts.requestId;
    case 'client-ip':
      return facts.clientAddress;
    case 'claim':
    case 'with':
    case 'subject':
    case 'issuer':
    case 'method':
      return facts.identity && readClaim(source, facts.identity);
  }
}

/** Appends a line for each text; says why not where one is no value of a field. */
export function pushField(
  fields: MutableHeaderList,
  name: string,
  texts: readonly string[],
): Unwritable | undefined {
  let length = 0;
  for (const text of texts) {
    const encoded = encodeIdentityValue(name, text);
    if (encoded === undefined) return 'identity.control_character';
    // RFC 9110 5.5: space at an end is no part of a value. It would go on the way, and another person be named.
    if (encoded.value.startsWith(' ') || encoded.value.endsWith(' '))
      return 'identity.space_at_end';
    length += encoded.value.length;
    if (length > MAX_VALUE_LENGTH) return 'identity.too_long';
    fields.push(encoded.name, encoded.value);
  }
  return undefined;
}

export function unwritable(name: string, why: Unwritable): Refusal {
  return refuse('identity_header', {
    reason: namedReason(why, `the value for the field ${name} ${WHY[why]}`),
  });
}
