import type { FrameClientOptions } from '../routers/frame-client.ts';
import { networkCertificates } from '../routers/network-certificates.ts';
import { TcpProxy } from '../routers/tcp-proxy.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type { FaultSite } from './fault.ts';
import { START_LIMIT_MS, reachable } from './reachable.ts';
import { faultsOf } from './real-faults.ts';
import { RouterProcesses } from './router-processes.ts';

const ROUTERS = ['router-a', 'router-a2', 'router-b', 'router-e'] as const;
/** Routers that are connected again need so long to be neighbours (hello, link state). */
const NEIGHBOURS_MS = 3_000;

/** The example's two sites on real routers: three entry routers, and the application's router. */
export async function startRealSite(
  skrouterd: string,
  application: { readonly host: string; readonly port: number },
): Promise<FaultSite> {
  const certificates = await networkCertificates();
  const { cert, key } = certificates.siteRouter;
  const files = { 'ca.crt': certificates.ca, 'router.crt': cert, 'router.key': key };
  const routers = await RouterProcesses.prepare(skrouterd, ROUTERS, files);
  const wires = {
    a: await TcpProxy.start(routers.port('router-a', '55671')),
    a2: await TcpProxy.start(routers.port('router-a2', '55671')),
    application: await TcpProxy.start(application.port),
  };
  routers.divert('router-a', '55671', wires.a.port);
  routers.divert('router-a2', '55671', wires.a2.port);
  routers.divert('application', '8080', wires.application.port);
  for (const router of ROUTERS) await routers.start(router);
  const links = [
    linkTo(routers.port('router-a', '45671'), certificates.client),
    linkTo(routers.port('router-a2', '20002'), certificates.client),
    linkTo(routers.port('router-e', '20002'), certificates.client),
  ];
  for (const link of links) await reachable(link);
  return {
    kind: 'skrouterd',
    links,
    faults: faultsOf(routers, wires, links),
    settle: async () => {
      const isLinked = () =>
        [wires.a, wires.a2].every((it) => it.connections > 0 && it.ageMs > NEIGHBOURS_MS);
      await waitUntil('the links between the sites', isLinked, START_LIMIT_MS);
      for (const link of links) await reachable(link);
    },
    async [Symbol.asyncDispose]() {
      await routers[Symbol.asyncDispose]();
      for (const wire of Object.values(wires)) await wire[Symbol.asyncDispose]();
    },
  };
}

function linkTo(
  port: number,
  client: Omit<FrameClientOptions, 'host' | 'port'>,
): FrameClientOptions {
  return { host: '127.0.0.1', port, ...client };
}
