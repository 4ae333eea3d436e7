import type { Duplex } from 'node:stream';
import { systemClock } from '../../../src/app/system-clock.ts';
import type { RoutingKey } from '../../../src/core/ids.ts';
import { Secret } from '../../../src/core/secret.ts';
import { RouterNetwork } from '../../../src/network/router-network.ts';
import type { NetworkPolicy } from '../../../src/policy/snapshot/snapshot.ts';
import type { FrameClientOptions } from './frame-client.ts';
import { waitUntil } from '../tools/wait-until.ts';

/** A network client for tests, ready; closed at the end of the scope. */
export interface RunningNetwork extends AsyncDisposable {
  readonly network: RouterNetwork;
  readonly log: readonly string[];
  /** Each half ends by itself unless told otherwise. */
  connect(routingKey: string, options?: ConnectOptions): Promise<Duplex>;
  ready(limitMs?: number): Promise<void>;
}

interface ConnectOptions {
  readonly allowHalfOpen?: boolean;
  readonly signal?: AbortSignal;
  readonly limitMs?: number;
}

let count = 0;

export async function startNetwork(
  link: FrameClientOptions,
  { routingKeys, ...policy }: Partial<NetworkPolicy> & { routingKeys?: readonly string[] } = {},
): Promise<RunningNetwork> {
  const log: string[] = [];
  const network = new RouterNetwork({
    policy: {
      links: [routerLink(link)],
      connections: 1,
      creditWaitMs: 3_000,
      openWaitMs: 5_000,
      backoff: { minMs: 20, maxMs: 100 },
      unackedLimitBytes: 3 * 1024 * 1024,
      ...policy,
    },
    ...(routingKeys && { routingKeys: new Set(routingKeys as RoutingKey[]) }),
    clock: systemClock,
    random: () => 0.5,
    log: (message) => log.push(message),
    containerId: `test-${process.pid}-${(count += 1)}`,
    version: 'test',
  });
  const ready = (limitMs?: number) =>
    waitUntil('network ready', () => network.status().isReady, limitMs);
  network.start();
  await ready();
  return {
    network,
    log,
    ready,
    connect: (routingKey, options = {}) =>
      network.connect(routingKey as RoutingKey, { allowHalfOpen: true, ...options }),
    [Symbol.asyncDispose]: () => network.close(),
  };
}

export function routerLink({ host, port, ca, cert, key }: FrameClientOptions) {
  const tls = { caPem: ca, certPem: cert, keyPem: new Secret(key), serverName: 'localhost' };
  return { name: 'test', host, port, tls };
}
