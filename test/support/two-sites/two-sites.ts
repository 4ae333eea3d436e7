import type { FrameClientOptions } from '../routers/frame-client.ts';
import type { MortalApplication } from './mortal-application.ts';

/** What may go wrong, and what is allowed to come of it. */
export const FAULTS = {
  application: 'the application of one site is dead',
  way: 'an entry router lost its way',
  connector: 'the connector of one site is deleted',
} as const;

/** Something that goes wrong at one of the two sites, or at one of the two entry routers. */
export interface SiteFault {
  readonly name: (typeof FAULTS)[keyof typeof FAULTS];
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

/** Two entry routers, and two sites that serve one routing key, `web:8080`, with an application each. */
export interface TwoSites extends AsyncDisposable {
  readonly kind: 'stand-in' | 'skrouterd';
  readonly links: readonly FrameClientOptions[];
  readonly applications: readonly [MortalApplication, MortalApplication];
  readonly faults: readonly SiteFault[];
  /** Resolves when both entry routers reach both sites. */
  settle(): Promise<void>;
}
