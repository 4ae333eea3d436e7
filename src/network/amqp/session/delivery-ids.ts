import type { Disposition } from '../codec/codec.ts';

/** Whether a delivery is among those from `first` to `last`; ids are serial numbers (RFC 1982). */
export function concerns(disposition: Disposition, deliveryId: number): boolean {
  const { first, last = first } = disposition;
  return ((deliveryId - first) | 0) >= 0 && ((last - deliveryId) | 0) >= 0;
}
