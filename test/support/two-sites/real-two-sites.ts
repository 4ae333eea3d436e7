import type { FrameClientOptions } from '../routers/frame-client.ts';
import { reachable, KEY, START_LIMIT_MS } from '../faults/reachable.ts';
import { RouterProcesses } from '../faults/router-processes.ts';
import { networkCertificates } from '../routers/network-certificates.ts';
import { createEntity, deleteEntity } from '../routers/router-management.ts';
import { TcpProxy } from '../routers/tcp-proxy.ts';
import { waitUntil } from '../tools/wait-until.ts';
import { MortalApplication } from './mortal-application.ts';
import { FAULTS, type SiteFault, type TwoSites } from './two-sites.ts';

const ROUTERS = ['router-a', 'router-a2', 'router-b', 'router-c'] as const;
/** The second site is configured like the first one of the example. */
const COPIES = { 'router-c': 'router-b' };
const SITES = ['router-b', 'router-c'] as const;
/** Routers that are connected again need so long to be neighbours and to tell their addresses. */
const NEIGHBOURS_MS = 4_000;

/** Real routers: A and A2 are linked to each other and to B and C; A can be cut off from all of them. */
export async function startRealTwoSites(skrouterd: string): Promise<TwoSites> {
  const certificates = await networkCertificates();
  const { cert, key } = certificates.siteRouter;
  const files = { 'ca.crt': certificates.ca, 'router.crt': cert, 'router.key': key };
  const routers = await RouterProcesses.prepare(skrouterd, ROUTERS, files, COPIES);
  const applications = [await MortalApplication.start(), await MortalApplication.start()] as const;
  const wire = await TcpProxy.start(routers.port('router-a', '55671'));
  routers.divert('router-a', '55671', wire.port);
  for (const [index, site] of SITES.entries()) {
    routers.divert('application', '8080', applications[index]!.address.port, site);
  }
  for (const router of ROUTERS) await routers.start(router);
  const links = [
    { host: 'localhost', port: routers.port('router-a', '20002'), ...certificates.client },
    { host: 'localhost', port: routers.port('router-a2', '20002'), ...certificates.client },
  ];
  return {
    kind: 'skrouterd',
    links,
    applications,
    faults: faultsOf(routers, wire, applications),
    settle: () => settled(wire, links),
    async [Symbol.asyncDispose]() {
      await routers[Symbol.asyncDispose]();
      await wire[Symbol.asyncDispose]();
      for (const application of applications) await application[Symbol.asyncDispose]();
    },
  };
}

function faultsOf(
  routers: RouterProcesses,
  wire: TcpProxy,
  [, application]: TwoSites['applications'],
): SiteFault[] {
  const management = routers.port('router-c', '5672');
  return [
    {
      name: FAULTS.application,
      begin: () => application.die(),
      end: () => application.live(),
    },
    {
      name: FAULTS.way,
      begin: () => wire.cut(),
      end: () => wire.mend(),
    },
    {
      name: FAULTS.connector,
      begin: () => deleteEntity(management, 'tcpConnector', 'web'),
      end: () =>
        createEntity(management, 'tcpConnector', 'web', {
          host: '127.0.0.1',
          port: String(application.address.port),
          address: KEY,
          siteId: 'c',
        }),
    },
  ];
}

async function settled(wire: TcpProxy, links: readonly FrameClientOptions[]): Promise<void> {
  const isLinked = () => wire.connections >= 3 && wire.ageMs > NEIGHBOURS_MS;
  await waitUntil('the links of the entry router', isLinked, START_LIMIT_MS);
  for (const link of links) await reachable(link);
}
