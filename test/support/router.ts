import { findSkrouterd } from '../../demo/find-skrouterd.ts';
import type { NearRouterOptions } from '../../demo/router-config.ts';
import type { BackendAddress } from '../../standin/connector-table.ts';
import type { StandinRouter } from '../../standin/standin-router.ts';
import type { FrameClientOptions } from './frame-client.ts';
import { startRealRouters } from './real-router.ts';
import { startStandin } from './standin.ts';

export interface RouterOptions {
  /** Routing key → backend, or several: then a connector for each. */
  readonly connectors?: Readonly<Record<string, BackendAddress | readonly BackendAddress[]>>;
  /** Routing keys that get a `tcpListener` with mutual TLS. */
  readonly tcpListeners?: readonly string[];
  /** Routing keys that get one without TLS. */
  readonly plainTcpListeners?: readonly string[];
  /** Of the listener for the client. Default normal. */
  readonly role?: 'normal' | 'edge';
  /** Real routers only. */
  readonly policy?: NearRouterOptions['policy'];
}

/** A router for a suite: the stand-in, or a pair of real ones, behind one face. */
export interface RunningRouter extends AsyncDisposable {
  readonly kind: 'stand-in' | 'skrouterd';
  /** Endpoint and credentials of the listener for the client. */
  readonly link: FrameClientOptions;
  /** Port of the routing key's `tcpListener`. */
  tcpPort(routingKey: string): number;
  /** The same without TLS. */
  plainTcpPort(routingKey: string): number;
  /** A connector for each backend. Resolves when a client can reach one of them. */
  addConnector(routingKey: string, ...backends: readonly BackendAddress[]): Promise<void>;
  removeConnector(routingKey: string): Promise<void>;
  /** The client's router dies without a word; `restart` brings it back on the same ports. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Undefined on real routers: what only a stand-in can do. */
  readonly standin: StandinRouter | undefined;
}

let isAnnounced = false;

/**
 * Real routers when `SKROUTERD` names a skrouterd or one is on the PATH, else the stand-in. Says once a
 * process which it is.
 */
export async function startRouter(options: RouterOptions = {}): Promise<RunningRouter> {
  const skrouterd = findSkrouterd();
  announce(skrouterd);
  return skrouterd === undefined
    ? startStandinRouter(options)
    : startRealRouters(skrouterd, options);
}

function announce(skrouterd: string | undefined): void {
  if (isAnnounced) return;
  isAnnounced = true;
  const which =
    skrouterd === undefined
      ? 'stand-in router (no skrouterd found; set SKROUTERD=…)'
      : `real routers (${skrouterd})`;
  console.log(`router suite: ${which}`);
}

async function startStandinRouter(options: RouterOptions): Promise<RunningRouter> {
  const running = await startStandin({ role: options.role ?? 'normal' });
  const { router, link } = running;
  const ports = new Map<string, number>();
  for (const [key, backend] of Object.entries(options.connectors ?? {})) {
    router.addConnector(key, ...[backend].flat());
  }
  const plainPorts = new Map<string, number>();
  for (const key of options.tcpListeners ?? []) ports.set(key, await router.addTcpListener(key));
  for (const key of options.plainTcpListeners ?? []) {
    plainPorts.set(key, await router.addTcpListener(key, 'plain'));
  }
  return {
    kind: 'stand-in',
    link,
    standin: router,
    tcpPort: (routingKey) => ports.get(routingKey)!,
    plainTcpPort: (routingKey) => plainPorts.get(routingKey)!,
    addConnector: async (routingKey, ...backends) => router.addConnector(routingKey, ...backends),
    removeConnector: async (routingKey) => router.removeConnector(routingKey),
    kill: () => router.kill(),
    restart: () => router.restart(),
    stop: () => router.stop(),
    [Symbol.asyncDispose]: () => router.stop(),
  };
}
