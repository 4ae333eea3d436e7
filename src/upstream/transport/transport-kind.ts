import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import type { SkupperNetwork } from '../../network/skupper-network.ts';
import type { ServicePolicy, ServiceVia } from '../../policy/snapshot/snapshot.ts';

/** A service, and its `via` of the kind that the transport is for. */
export interface TransportTarget<Via extends ServiceVia> {
  readonly service: ServicePolicy;
  readonly via: Via;
}

export interface TransportParts {
  readonly clock: Pick<Clock, 'after'>;
  /** The network that serves now; undefined when the policy names none. */
  readonly network: () => SkupperNetwork | undefined;
}

/** One way to reach an application: everything that differs from kind to kind. Both openings reject with a GatewayError. */
export interface Transport<Via extends ServiceVia> {
  /** A service of this kind needs `network.link` in the policy, and its address is a routing key that may be opened. */
  readonly needsNetwork: boolean;
  /** A connection for requests, in TLS where the service has it. */
  open(target: TransportTarget<Via>, parts: TransportParts): Promise<Duplex>;
  /**
   * A connection for passthrough: its halves end by themselves, and nothing of the gateway's is inside, whatever the
   * service says of TLS to the application.
   */
  openUntouched(
    target: TransportTarget<Via>,
    parts: TransportParts,
    signal: AbortSignal,
  ): Promise<Duplex>;
  /** Where it leads, in words for an operator. */
  describe(target: TransportTarget<Via>): string;
  /** The application is reached without TLS, as far as the policy says: the scheme is `http`. */
  isPlain(target: TransportTarget<Via>): boolean;
}
