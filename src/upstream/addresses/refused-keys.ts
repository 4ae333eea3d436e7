import type { Clock } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RoutingKey } from '../../core/ids.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';

/**
 * Routing keys whose last opening found no consumer. Routers take about a second to tell that the last consumer of a
 * key has left; without this memory each request in that second would spend a retry to find it out again.
 */
export class RefusedKeys {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** Routing keys come from the policy, so there are few. */
  readonly #sinceMs = new Map<RoutingKey, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** The same way to open connections; what it meets is remembered. */
  observe<Rest extends readonly unknown[], Opened>(
    open: (service: ServicePolicy, ...rest: Rest) => Promise<Opened>,
  ): (service: ServicePolicy, ...rest: Rest) => Promise<Opened> {
    return async (service, ...rest) => {
      try {
        return await open(service, ...rest);
      } catch (error) {
        if (isWithoutConsumer(error)) {
          this.#sinceMs.set(service.address, this.#clock.monotonicMs());
        }
        throw error;
      }
    };
  }

  /** An opening of this key found no consumer, less than `DEADLINES.keyRefusedMs` ago. */
  has(routingKey: RoutingKey): boolean {
    const sinceMs = this.#sinceMs.get(routingKey);
    if (sinceMs === undefined) return false;
    if (this.#clock.monotonicMs() - sinceMs < DEADLINES.keyRefusedMs) return true;
    this.#sinceMs.delete(routingKey);
    return false;
  }
}

/** An application that refuses is the outlier guard's: one of several consumers must not close a key. */
function isWithoutConsumer(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'service_unavailable' && error.retryable;
}
