import { findSkrouterd } from '../../../demo/router/find-skrouterd.ts';
import { startRealRouters } from './real-router.ts';
import type { RouterOptions, RunningRouter } from './running-router.ts';
import { startStandin } from './standin.ts';

export type { RouterOptions, RunningRouter };

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
