import { refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { AddressRule } from '../policy/snapshot/snapshot.ts';
import { namedReason } from '../telemetry/names/names.ts';

/** Undefined: every rule lets the client in, or there is none. */
export function addressRefusal(
  rules: readonly AddressRule[] | undefined,
  address: string,
): Refusal | undefined {
  for (const { name, allow, deny } of rules ?? []) {
    if (deny?.has(address) === true) return refusal('address.denied', `${name}.deny`, address);
    if (allow?.has(address) === false) {
      return refusal('address.not_allowed', `${name}.allow`, address);
    }
  }
  return undefined;
}

function refusal(
  reason: 'address.denied' | 'address.not_allowed',
  list: string,
  address: string,
): Refusal {
  const detail =
    reason === 'address.denied' ? `${list} has ${address}` : `${address} is not in ${list}`;
  return refuse('address_not_allowed', { reason: namedReason(reason, detail) });
}
