import type { ServicePolicy } from '../policy/snapshot/snapshot.ts';

/** True when both lead to the same application in the same way, whatever generation they are of. */
export function isSameService(a: ServicePolicy, b: ServicePolicy): boolean {
  // Snapshots are plain frozen data. A private key prints as redacted, but never changes without its certificate.
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
