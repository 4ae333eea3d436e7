import type { FrameClientOptions } from '../frame-client.ts';
import { FrameClient } from '../frame-client.ts';
import { networkCertificates } from '../network-certificates.ts';
import { createEntity, deleteEntity } from '../router-management.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { waitUntil } from '../wait-until.ts';
import { RouterProcesses } from './router-processes.ts';
import { type Fault, type FaultSite, SERVICE_LOST, STREAM_LOST } from './fault.ts';

const KEY = 'web:8080';
const ROUTERS = ['router-a', 'router-a2', 'router-b', 'router-e'] as const;
const START_LIMIT_MS = 30_000;
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

type Wires = Readonly<Record<'a' | 'a2' | 'application', TcpProxy>>;

function faultsOf(
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
    },
    {
      name: 'kill the entry router that the edge router needs',
      where: 'entry',
      holdMs: 2_000,
      begin: () => routers.kill('router-a'),
      end: () => routers.start('router-a'),
      // The edge router learns in its own time that its uplink is gone.
      allows: SERVICE_LOST,
    },
    {
      name: 'stop an entry router for a while (SIGSTOP)',
      where: 'entry',
      holdMs: 3_000,
      begin: () => routers.signal('router-a2', 'SIGSTOP'),
      end: () => routers.signal('router-a2', 'SIGCONT'),
      allows: SERVICE_LOST,
    },
    {
      name: 'stop an entry router until it counts as dead (SIGSTOP)',
      where: 'entry',
      holdMs: 10_000,
      begin: () => routers.signal('router-a2', 'SIGSTOP'),
      end: () => routers.signal('router-a2', 'SIGCONT'),
      // What was on its way there waits for the response limit of the policy, or for keepalive.
      allows: [502, 504],
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
    },
    {
      name: "stop the application's router for a while (SIGSTOP)",
      where: 'beyond',
      holdMs: 3_000,
      begin: () => routers.signal('router-b', 'SIGSTOP'),
      end: () => routers.signal('router-b', 'SIGCONT'),
      allows: SERVICE_LOST,
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
    },
    {
      name: 'cut the application off',
      where: 'beyond',
      holdMs: 2_000,
      begin: () => wires.application.cut(),
      end: () => wires.application.mend(),
      allows: SERVICE_LOST,
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

function linkTo(
  port: number,
  client: Omit<FrameClientOptions, 'host' | 'port'>,
): FrameClientOptions {
  return { host: '127.0.0.1', port, ...client };
}

/** Credit on a targeted link: the router is up and knows the consumer. */
async function reachable(link: FrameClientOptions): Promise<void> {
  const endMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      using client = await FrameClient.open(link);
      await client.lane(0, KEY);
      await client.received('flow');
      if (client.frames('flow').some((it) => it.performative.linkCredit === 250)) return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    if (performance.now() > endMs) throw new Error(`no credit for ${KEY} at port ${link.port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
