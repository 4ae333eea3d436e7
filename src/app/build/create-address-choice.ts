import type { SkupperNetwork } from '../../network/skupper-network.ts';
import { AddressChoice } from '../../upstream/addresses/address-choice.ts';
import type { RefusedKeys } from '../../upstream/addresses/refused-keys.ts';
import type { OutlierGuard } from '../../upstream/outlier-guard.ts';

/** By what the network that serves now knows, and by which routing keys fail. */
export function createAddressChoice(
  network: () => SkupperNetwork | undefined,
  outliers: OutlierGuard,
  refused: RefusedKeys,
): AddressChoice {
  return new AddressChoice({
    reachability: (key) => network()?.reachability(key) ?? 'unknown',
    isOpen: (service) => outliers.admits(service),
    wasRefused: (key) => refused.has(key),
    random: Math.random,
  });
}
