import type { BackendAddress } from '../../../standin/connector-table.ts';
import { KEY } from '../faults/reachable.ts';
import { startStandin } from '../routers/standin.ts';
import { MortalApplication } from './mortal-application.ts';
import { FAULTS, type TwoSites } from './two-sites.ts';

/** Two stand-ins as entry routers of one imagined network; each knows a way of the same cost to both sites. */
export async function startStandinTwoSites(): Promise<TwoSites> {
  const west = await startStandin({ id: 'A' });
  const east = await startStandin({ id: 'A2' });
  const applications = [await MortalApplication.start(), await MortalApplication.start()] as const;
  const routers = [west.router, east.router];
  let sites: readonly BackendAddress[] = [];
  const connect = (): void => {
    sites = applications.map(({ address }) => ({ ...address, cost: 1 }));
    for (const router of routers) router.addConnector(KEY, ...sites);
  };
  connect();
  return {
    kind: 'stand-in',
    links: [west.link, east.link],
    applications,
    faults: [
      {
        name: FAULTS.application,
        begin: () => applications[1].die(),
        end: () => applications[1].live(),
      },
      { name: FAULTS.way, begin: () => west.router.loseFarRouter(KEY), end: connect },
      {
        name: FAULTS.connector,
        begin: () => routers.forEach((router) => router.withdrawConnector(KEY, sites[1]!)),
        end: connect,
      },
    ],
    settle: async () => {},
    async [Symbol.asyncDispose]() {
      await west[Symbol.asyncDispose]();
      await east[Symbol.asyncDispose]();
      for (const application of applications) await application[Symbol.asyncDispose]();
    },
  };
}
