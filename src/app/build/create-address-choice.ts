import type { SkupperNetwork } from '../../network/skupper-network.ts';
import { AddressChoice } from '../../upstream/addresses/address-choice.ts';
import type { OutlierGuard } from '../../upstream/outlier-guard.ts';

/** By what the network that serves now knows, and by which routing keys fail. */
export function createAddressChoice(
  network: () => SkupperNetwork | undefined,
  outliers: OutlierGuard,
): AddressChoice {
  return new AddressChoice({
    reachability: (key) => network()?.reachability(key) ?? 'unknown',
    isOpen: (service) => outliers.admits(service),
    random: Math.random,
  });
}
