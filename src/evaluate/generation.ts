import type { ProviderSet } from '../plugin/host/host.ts';
import type { PolicySnapshot } from '../policy/snapshot/snapshot.ts';

/** A policy and what was made of it. A request takes one generation and keeps it to its end. */
export interface Generation {
  readonly snapshot: PolicySnapshot;
  readonly providers: ProviderSet;
  /** The port clients see, once the listener is bound. */
  readonly publicPort: number;
}
