import type { Duplex } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';
import type { ServicePolicy, ServiceVia } from '../../policy/snapshot/snapshot.ts';
import { secureLane } from './lane-tls.ts';
import type { Transport, TransportParts, TransportTarget } from './transport-kind.ts';

type LaneVia = Extract<ServiceVia, { kind: 'amqp' }>;

/** A lane through the Skupper network, with TLS to the application inside where the service has it. */
export const overLane: Transport<LaneVia> = {
  needsNetwork: true,

  async open({ service, via }: TransportTarget<LaneVia>, parts: TransportParts): Promise<Duplex> {
    // HTTP/1: an end of the application's half ends ours, and a reset must not pass for an end.
    const lane = await networkFor(service.name, parts).connect(service.address, {
      allowHalfOpen: false,
      alpn: via.alpn,
      isFarewell,
      limitMs: service.timeout.connectMs,
    });
    if (via.tls === undefined) return lane;
    return secureLane(lane, { service, tls: via.tls, clock: parts.clock });
  },

  async openUntouched({ service }, parts, signal) {
    const limitMs = service.timeout.connectMs;
    const network = networkFor(service.name, parts);
    return network.connect(service.address, { signal, allowHalfOpen: true, limitMs });
  },

  describe: ({ service }) => describeKeys(service),

  // `alpn` says that the far connector speaks TLS.
  isPlain: ({ via }) => via.tls === undefined && via.alpn === undefined,
};

function describeKeys({ address, addresses }: ServicePolicy): string {
  if (addresses === undefined) return `routing key ${address}`;
  const { order, sticky, members } = addresses;
  const keys = members.map(({ weight, service }) =>
    order === 'weighted' ? `${service.address} (${weight})` : service.address,
  );
  const kept = typeof sticky === 'object' ? `header ${sticky.header}` : sticky;
  const way = order === 'weighted' ? 'by weight' : 'the first with consumers';
  return `routing keys ${keys.join(', ')}, ${way}${kept === undefined ? '' : `, sticky by ${kept}`}`;
}

/** A policy whose services need the network may name none. */
function networkFor(service: string, { network }: TransportParts) {
  const current = network();
  if (current !== undefined) return current;
  throw new GatewayError('network_unavailable', {
    detail: `service ${service} is reached through the network, and the policy has no network.link`,
  });
}

/** undici's words for a connection that it needs no more; "aborted" is for a request that was given up. */
const FAREWELLS: ReadonlySet<string> = new Set(['reset', 'socket idle timeout']);

/** Whether a connection destroyed with this error came to its end well, so that a lane need not be aborted. */
function isFarewell(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'UND_ERR_INFO' && FAREWELLS.has(error.message);
}
