import type { FrameClientOptions } from '../routers/frame-client.ts';
import { createEntity, deleteEntity } from '../routers/router-management.ts';
import type { TcpProxy } from '../routers/tcp-proxy.ts';
import { waitUntil } from '../tools/wait-until.ts';
import { type Fault, SERVICE_LOST, STREAM_LOST } from './fault.ts';
import { KEY, START_LIMIT_MS, reachable } from './reachable.ts';
import type { RouterProcesses } from './router-processes.ts';

/** A router that is back opens connections before it knows the ways: streams that land there come back. */
const UNROUTED = 40;
/** A router that its neighbours gave up gives credit for ways that are gone, for about a second. */
const FORGOTTEN = 400;

/** The wires between the sites, and the one to the application. */
export type Wires = Readonly<Record<'a' | 'a2' | 'application', TcpProxy>>;

/** What can go wrong on the real site. */
export function faultsOf(
  routers: RouterProcesses,
  wires: Wires,
  links: readonly FrameClientOptions[],
): Fault[] {
  const management = routers.port('router-b', '5672');
  return [
    {
      name: 'kill an entry router',
      where: 'entry',
      holdMs: 2_000,
      begin: () => routers.kill('router-a2'),
      end: () => routers.start('router-a2'),
      allows: STREAM_LOST,
      failuresAtMost: 0,
      failuresAfterAtMost: UNROUTED,
    },
    {
      name: 'restart an entry router in order (SIGTERM)',
      where: 'entry',
      holdMs: 1_000,
      begin: () => routers.terminate('router-a2'),
      end: () => routers.start('router-a2'),
      allows: STREAM_LOST,
      failuresAtMost: 0,
      failuresAfterAtMost: UNROUTED,
    },
    {
      name: 'kill the edge router',
      where: 'entry',
      holdMs: 2_000,
      begin: () => routers.kill('router-e'),
      end: () => routers.start('router-e'),
      allows: STREAM_LOST,
      failuresAtMost: 0,
      failuresAfterAtMost: UNROUTED,
    },
    {
      name: 'stop the edge router for a while (SIGSTOP)',
      where: 'entry',
      holdMs: 3_000,
      begin: () => routers.signal('router-e', 'SIGSTOP'),
      end: () => routers.signal('router-e', 'SIGCONT'),
      allows: STREAM_LOST,
      failuresAtMost: 0,
      failuresAfterAtMost: UNROUTED,
    },
    {
      name: 'kill the entry router that the edge router needs',
      where: 'entry',
      holdMs: 2_000,
      begin: () => routers.kill('router-a'),
      end: () => routers.start('router-a'),
      // The edge router learns in its own time that its uplink is gone.
      allows: SERVICE_LOST,
      failuresAfterAtMost: UNROUTED,
    },
    {
      name: 'stop an entry router for a while (SIGSTOP)',
      where: 'entry',
      holdMs: 3_000,
      begin: () => routers.signal('router-a2', 'SIGSTOP'),
      end: () => routers.signal('router-a2', 'SIGCONT'),
      allows: STREAM_LOST,
      failuresAtMost: 0,
      failuresAfterAtMost: FORGOTTEN,
    },
    {
      name: 'stop an entry router until it counts as dead (SIGSTOP)',
      where: 'entry',
      holdMs: 10_000,
      begin: () => routers.signal('router-a2', 'SIGSTOP'),
      end: () => routers.signal('router-a2', 'SIGCONT'),
      // What was on its way there waits for the response limit of the policy, or for keepalive.
      allows: [502, 504],
      // On each kept-alive connection the one request that shows that its router stands: as many as there
      // are clients at a time that keep one, three in the matrix and up to eight in the soak.
      failuresAtMost: 8,
      failuresAfterAtMost: FORGOTTEN,
    },
    {
      name: "kill the application's router",
      where: 'beyond',
      holdMs: 2_000,
      begin: () => routers.kill('router-b'),
      end: async () => {
        await routers.start('router-b');
        await restored(links);
      },
      allows: SERVICE_LOST,
      // Up to three seconds until its neighbours take it for the one that it is now.
      failuresAfterAtMost: 3_000,
    },
    {
      name: "stop the application's router for a while (SIGSTOP)",
      where: 'beyond',
      holdMs: 3_000,
      begin: () => routers.signal('router-b', 'SIGSTOP'),
      end: () => routers.signal('router-b', 'SIGCONT'),
      allows: SERVICE_LOST,
      failuresAfterAtMost: FORGOTTEN,
    },
    {
      name: 'delete and restore the connector',
      where: 'beyond',
      holdMs: 2_000,
      begin: () => deleteEntity(management, 'tcpConnector', 'web'),
      end: () =>
        createEntity(management, 'tcpConnector', 'web', {
          host: '127.0.0.1',
          port: String(wires.application.port),
          address: KEY,
          siteId: 'b',
        }),
      allows: SERVICE_LOST,
      failuresAfterAtMost: 300,
    },
    {
      name: 'break one of the inter-router links',
      where: 'beyond',
      holdMs: 2_000,
      begin: () => wires.a2.cut(),
      end: () => {
        wires.a2.mend();
        return linked(wires);
      },
      allows: SERVICE_LOST,
      // Until the routers have found the other way, up to a second later.
      failuresAtMost: 500,
      failuresAfterAtMost: UNROUTED,
    },
    {
      name: 'break all links between the sites',
      where: 'beyond',
      holdMs: 2_000,
      begin: () => {
        wires.a.cut();
        wires.a2.cut();
      },
      end: () => {
        wires.a.mend();
        wires.a2.mend();
        return restored(links);
      },
      allows: SERVICE_LOST,
      failuresAfterAtMost: FORGOTTEN,
    },
    {
      name: 'cut the application off',
      where: 'beyond',
      holdMs: 2_000,
      begin: () => wires.application.cut(),
      end: () => wires.application.mend(),
      allows: SERVICE_LOST,
      // The pause of the outlier guard until its next probe, two seconds at most.
      failuresAfterAtMost: 1_500,
    },
  ];
}

/**
 * Until then it is the routers that are not back: they connect, greet and tell each other their
 * addresses at their own pace, up to seven seconds. A client with lanes of its own asks them.
 */
function restored(links: readonly FrameClientOptions[]): Promise<void> {
  return Promise.any(links.map((link) => reachable(link)));
}

/** A link is broken until a router has made it again, which is at its own pace (up to some seconds). */
function linked({ a, a2 }: Wires): Promise<void> {
  const isLinked = () => a.connections > 0 && a2.connections > 0;
  return waitUntil('the links between the sites', isLinked, START_LIMIT_MS);
}
