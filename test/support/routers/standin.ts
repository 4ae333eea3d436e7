import { systemClock } from '../../../src/app/system-clock.ts';
import { StandinRouter, type StandinOptions } from '../../../standin/standin-router.ts';
import { type FrameClientOptions } from './frame-client.ts';
import { networkCertificates } from './network-certificates.ts';

/** A running stand-in and how a client reaches it; stopped at the end of the scope. */
export interface RunningStandin extends AsyncDisposable {
  readonly router: StandinRouter;
  readonly link: FrameClientOptions;
}

export async function startStandin(options: Partial<StandinOptions> = {}): Promise<RunningStandin> {
  const certificates = await networkCertificates();
  const router = new StandinRouter({
    credentials: certificates.server,
    clock: systemClock,
    ...options,
  });
  const port = await router.start();
  return {
    router,
    link: { host: '127.0.0.1', port, ...certificates.client },
    [Symbol.asyncDispose]: () => router.stop(),
  };
}
