import { StandinRouter } from '../../standin/standin.ts';
import type { DemoRouter, DemoRouterOptions } from './demo-router.ts';
import { findSkrouterd } from './find-skrouterd.ts';
import { startRealRouters } from './real-routers.ts';

/** Real routers when `SKROUTERD` names a skrouterd or one is on the PATH, else the stand-in. */
export async function startRouter(options: DemoRouterOptions): Promise<DemoRouter> {
  const skrouterd = findSkrouterd();
  return skrouterd === undefined ? startStandin(options) : startRealRouters(skrouterd, options);
}

async function startStandin(options: DemoRouterOptions): Promise<DemoRouter> {
  const { ca, server } = options.certificates.network;
  const router = new StandinRouter({
    credentials: { ca, cert: server.certPem, key: server.keyPem },
    clock: options.clock,
  });
  router.addConnector(options.routingKey, { host: '127.0.0.1', port: options.backendPort });
  return {
    what: 'a stand-in for a Skupper router (no skrouterd on the PATH or in SKROUTERD)',
    port: await router.start(),
    failure: () => undefined,
    [Symbol.asyncDispose]: () => router.stop(),
  };
}
