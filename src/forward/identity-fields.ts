import { readClaim } from '../core/claims.ts';
import type { Claimant } from '../core/claims.ts';
import type { MutableHeaderList } from '../core/header-list.ts';
import { refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Rule } from '../policy/snapshot/snapshot.ts';
import { identityText } from './identity-text.ts';
import { encodeIdentityValue } from './identity-value.ts';
import { namedReason } from '../telemetry/names/names.ts';

/**
 * Longer than this no application takes one field (node, nginx and Tomcat have 8 or 16 KiB for all of
 * them): the person would get a refusal of the application's that says nothing.
 */
const MAX_VALUE_LENGTH = 8 * 1024;

export interface IdentityFieldsInput {
  readonly rule: Pick<Rule, 'identityHeaders'>;
  readonly identity: Claimant | undefined;
  readonly tenantId: string | undefined;
}

/**
 * The fields of `headers.identity`. A claim that is absent or empty gives no field; refuses with
 * `identity_header` when a claim is there and cannot be written.
 */
export function identityFields(input: IdentityFieldsInput): MutableHeaderList | Refusal {
  const fields: MutableHeaderList = [];
  const { identity } = input;
  if (identity === undefined) return fields;
  for (const { name, value } of input.rule.identityHeaders) {
    const text = identityText(readClaim(value, identity, input.tenantId));
    if (text === undefined) continue;
    const encoded = encodeIdentityValue(name, text);
    if (encoded === undefined) return unwritable(name, 'identity.control_character');
    if (encoded.value.length > MAX_VALUE_LENGTH) return unwritable(name, 'identity.too_long');
    fields.push(encoded.name, encoded.value);
  }
  return fields;
}

const WHY = {
  'identity.control_character': 'holds a control character',
  'identity.too_long': `has over ${MAX_VALUE_LENGTH} octets`,
} as const;

function unwritable(name: string, why: keyof typeof WHY): Refusal {
  return refuse('identity_header', {
    reason: namedReason(why, `the value for the identity field ${name} ${WHY[why]}`),
  });
}
