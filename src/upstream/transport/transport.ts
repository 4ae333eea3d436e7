// How applications are reached. Inside: one file for each kind of `services.X.via` (over-lane.ts, over-tcp-listener.ts, over-url.ts),
// what every kind has to say (transport-kind.ts), TLS inside a lane, and the words with which undici leaves a connection.
// Others use what is here: to open connections, and to ask what a kind needs without knowing the kind.
// A new kind is a file, a row of TRANSPORTS, and its place in the policy (schema/service.ts, snapshot/service.ts).
import type { Duplex } from 'node:stream';
import type { RoutingKey } from '../../core/ids.ts';
import type { ServicePolicy, ServiceVia } from '../../policy/snapshot/snapshot.ts';
import type { OpenConnection } from '../http1/connection-pool.ts';
import { overLane } from './over-lane.ts';
import { overTcpListener } from './over-tcp-listener.ts';
import { overUrl } from './over-url.ts';
import type { Transport, TransportParts } from './transport-kind.ts';

const TRANSPORTS: {
  readonly [Kind in ServiceVia['kind']]: Transport<Extract<ServiceVia, { kind: Kind }>>;
} = {
  amqp: overLane,
  tcp: overTcpListener,
  url: overUrl,
};

/** Connections for requests. */
export function createOpenConnection(parts: TransportParts): OpenConnection {
  return (service) => transportOf(service).open(targetOf(service), parts);
}

/** Opens a connection whose halves end by themselves; rejects with a `GatewayError`. */
export type OpenPassthrough = (service: ServicePolicy, signal: AbortSignal) => Promise<Duplex>;

/**
 * Connections that carry the client's own TLS: one a client, never pooled. A lane is given when its response opening
 * is there, so no octet of the client's goes up before.
 */
export function createOpenPassthrough(parts: TransportParts): OpenPassthrough {
  return (service, signal) => transportOf(service).openUntouched(targetOf(service), parts, signal);
}

export function needsNetwork(service: ServicePolicy): boolean {
  return transportOf(service).needsNetwork;
}

/** Every routing key that a request for the service may open; none where it needs no network. */
export function routingKeysOf(service: ServicePolicy): readonly RoutingKey[] {
  if (!needsNetwork(service)) return [];
  const { address, addresses } = service;
  return addresses?.members.map((member) => member.service.address) ?? [address];
}

/** Where a service is reached, in words for an operator. */
export function describeWay(service: ServicePolicy): string {
  return transportOf(service).describe(targetOf(service));
}

/** RFC 9113 8.3.1: the scheme that the application is reached by. */
export function schemeOf(service: ServicePolicy): 'http' | 'https' {
  return transportOf(service).isPlain(targetOf(service)) ? 'http' : 'https';
}

/** Each row takes the `via` of its own kind, and is only asked with it. */
function transportOf({ via }: ServicePolicy): Transport<ServiceVia> {
  return TRANSPORTS[via.kind];
}

function targetOf(service: ServicePolicy) {
  return { service, via: service.via };
}
