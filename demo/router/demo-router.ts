import type { Clock } from '../../src/core/clock.ts';
import type { DemoCertificates } from '../demo-certificates.ts';
import type { DemoFolder } from '../demo-folder.ts';

export interface DemoRouterOptions {
  readonly folder: DemoFolder;
  readonly certificates: DemoCertificates;
  readonly clock: Clock;
  readonly routingKey: string;
  /** Of the application, on the loopback. */
  readonly backendPort: number;
}

/** The Skupper network of the demo. */
export interface DemoRouter extends AsyncDisposable {
  /** For people. */
  readonly what: string;
  /** Of the normal listener, on the loopback. */
  readonly port: number;
  /** One sentence once it does not run any more. */
  failure(): string | undefined;
}
