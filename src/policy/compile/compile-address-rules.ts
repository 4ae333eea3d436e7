import { AddressList } from '../../core/address-list.ts';
import type { AddressRuleInput } from '../schema/schema.ts';
import type { AddressRule } from '../snapshot/snapshot.ts';
import { pathText } from '../source/source.ts';
import type { Path } from '../source/source.ts';

/** Undefined: nothing is said, so nothing is asked. */
function addressRule(input: AddressRuleInput | undefined, path: Path): AddressRule | undefined {
  if (input === undefined) return undefined;
  const { allow, deny } = input;
  return {
    name: pathText(path),
    allow: allow && new AddressList(allow),
    deny: deny && new AddressList(deny),
  };
}

/** Of one place; undefined: none. */
export function addressRules(
  said: readonly (readonly [Path, AddressRuleInput])[],
): readonly AddressRule[] | undefined {
  const rules = said.flatMap(([path, input]) => addressRule(input, path) ?? []);
  return rules.length === 0 ? undefined : rules;
}
