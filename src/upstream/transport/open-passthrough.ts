import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import { connectTcpListener } from '../../network/tcp-listener.ts';
import type { SkupperNetwork } from '../../network/network.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import { noNetwork } from './open-connection.ts';

/** Opens a connection whose halves end by themselves; rejects with a `GatewayError`. */
export type OpenPassthrough = (service: ServicePolicy, signal: AbortSignal) => Promise<Duplex>;

/**
 * Connections that carry the client's own TLS: one a client, never pooled, and nothing of the gateway's
 * inside, whatever the service says of TLS to the application. A lane is given when its response opening
 * is there, so no octet of the client's goes up before.
 */
export function createOpenPassthrough(
  network: () => SkupperNetwork | undefined,
  clock: Pick<Clock, 'after'>,
): OpenPassthrough {
  return (service, signal) => {
    const { via } = service;
    const { connectMs } = service.timeout;
    if (via.kind === 'tcp') {
      return connectTcpListener({ ...via, connectMs, clock, signal, allowHalfOpen: true });
    }
    const current = network();
    if (current === undefined) return Promise.reject(noNetwork(service.name));
    return current.connect(service.address, { signal, allowHalfOpen: true, limitMs: connectMs });
  };
}
