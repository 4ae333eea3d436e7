import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SkupperNetwork } from '../../network/network.ts';
import { connectTcpListener } from '../../network/tcp-listener.ts';
import type { ServicePolicy, ServiceVia } from '../../policy/snapshot/snapshot.ts';
import type { OpenConnection } from '../http1/connection-pool.ts';
import { isFarewell } from './is-farewell.ts';
import { secureLane } from './lane-tls.ts';

/** `network` gives the one that serves now; undefined when the policy names none. */
export function createOpenConnection(
  network: () => SkupperNetwork | undefined,
  clock: Pick<Clock, 'after'>,
): OpenConnection {
  return (service) => {
    const { via, timeout } = service;
    if (via.kind === 'tcp') {
      return connectTcpListener({ ...via, connectMs: timeout.connectMs, clock });
    }
    const current = network();
    if (current === undefined) return Promise.reject(noNetwork(service.name));
    return openLane(current, { service, via, clock });
  };
}

async function openLane(
  network: SkupperNetwork,
  { service, via, clock }: LaneTarget,
): Promise<Duplex> {
  // HTTP/1: an end of the application's half ends ours, and a reset must not pass for an end.
  const lane = await network.connect(service.address, {
    allowHalfOpen: false,
    alpn: via.alpn,
    isFarewell,
    limitMs: service.timeout.connectMs,
  });
  return via.tls === undefined ? lane : secureLane(lane, { service, tls: via.tls, clock });
}

interface LaneTarget {
  readonly service: ServicePolicy;
  readonly via: Extract<ServiceVia, { kind: 'amqp' }>;
  readonly clock: Pick<Clock, 'after'>;
}

/** A policy whose services need the network, and that names none. */
export function noNetwork(service: string): GatewayError {
  return new GatewayError('network_unavailable', {
    detail: `service ${service} is reached through the network, and the policy has no network.link`,
  });
}
