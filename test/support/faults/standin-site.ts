import type { BackendAddress } from '../../../standin/connector-table.ts';
import { startStandin } from '../routers/standin.ts';
import { TcpProxy } from '../routers/tcp-proxy.ts';
import { type Fault, type FaultSite, SERVICE_LOST, STREAM_LOST } from './fault.ts';

const KEY = 'web:8080';

/** Two stand-ins as entry routers of one imagined network. */
export async function startStandinSite(application: BackendAddress): Promise<FaultSite> {
  const wire = await TcpProxy.start(application.port);
  const west = await startStandin({ id: 'A', role: 'edge' });
  const east = await startStandin({ id: 'A2' });
  const routers = [west.router, east.router];
  const address = { host: '127.0.0.1', port: wire.port };
  const connect = () => routers.forEach((router) => router.addConnector(KEY, address));
  connect();
  const faults: Fault[] = [
    {
      name: 'kill an entry router',
      where: 'entry',
      holdMs: 1_000,
      begin: () => west.router.kill(),
      end: () => west.router.restart(),
      allows: STREAM_LOST,
      failuresAtMost: 0,
      failuresAfterAtMost: 20,
    },
    {
      name: 'stop an entry router for a while (SIGSTOP)',
      where: 'entry',
      holdMs: 2_000,
      begin: () => west.router.freeze(),
      end: () => west.router.thaw(),
      allows: STREAM_LOST,
      failuresAtMost: 0,
      failuresAfterAtMost: 20,
    },
    {
      name: 'delete and restore the connector',
      where: 'beyond',
      holdMs: 1_000,
      begin: () => routers.forEach((router) => router.removeConnector(KEY)),
      end: connect,
      allows: SERVICE_LOST,
      failuresAfterAtMost: 20,
    },
    {
      name: 'lose the far router',
      where: 'beyond',
      holdMs: 1_000,
      begin: () => routers.forEach((router) => router.loseFarRouter(KEY)),
      end: connect,
      allows: SERVICE_LOST,
      failuresAfterAtMost: 20,
    },
    {
      name: 'cut the application off',
      where: 'beyond',
      holdMs: 1_000,
      begin: () => wire.cut(),
      end: () => wire.mend(),
      allows: SERVICE_LOST,
      // The pause of the outlier guard until its next probe, two seconds at most.
      failuresAfterAtMost: 1_500,
    },
  ];
  return {
    kind: 'stand-in',
    links: [west.link, east.link],
    faults,
    settle: async () => {},
    async [Symbol.asyncDispose]() {
      await west[Symbol.asyncDispose]();
      await east[Symbol.asyncDispose]();
      await wire[Symbol.asyncDispose]();
    },
  };
}
