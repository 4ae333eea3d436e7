import { isSameValue } from '../../core/same-value.ts';
import type { AdminPolicy, GatewayPolicy } from '../../policy/snapshot/snapshot.ts';

/**
 * What changed of the settings that a running gateway keeps, one sentence each. Sockets are bound once; saying
 * nothing would let an operator wait for a port that never opens.
 */
export function fixedSettingsChanged(before: GatewayPolicy, next: GatewayPolicy): string[] {
  const isSame =
    isSameValue(before.listen, next.listen) &&
    isSameValue(fixedOf(before.admin), fixedOf(next.admin));
  const addresses =
    'the addresses of gateway.listen and gateway.admin take effect at the next start';
  const isSameStore = isSameValue(before.store, next.store);
  return [
    ...(isSame ? [] : [addresses]),
    ...(isSameStore ? [] : ['gateway.store takes effect at the next start']),
  ];
}

/** What a bound admin listener cannot change. */
function fixedOf({ listen, health, metrics, certificate, auth }: AdminPolicy): unknown {
  return { listen, health, metrics, isTls: certificate !== undefined, asks: auth?.kind };
}
