import type { Clock, Timer } from '../../core/clock.ts';
import type { HealthPolicy, ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { OpenConnection } from '../http1/connection-pool.ts';
import { ServicePools } from '../service-pools.ts';
import { probeHealth } from './health-probe.ts';

export interface HealthChecksParts {
  /** Not through the outlier guard: it would let nothing through while the application is to be asked. */
  readonly open: OpenConnection;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  /** Each answer, or its absence. */
  readonly onChecked: (service: string, isWell: boolean) => void;
  /** `fault`: what was wrong with the last one; undefined: it is well again. */
  readonly onChange: (service: string, fault: string | undefined) => void;
}

/**
 * Whether the application of one service is well. It counts as well until `unhealthy` answers in a row were not, and
 * again after `healthy` that were. The next question begins `every` after the end of the one before, so there is one
 * at a time.
 */
export class ServiceHealth {
  readonly service: ServicePolicy;
  readonly #health: HealthPolicy;
  readonly #parts: HealthChecksParts;
  /** Of its own: requests that fill the places of the service must not make it look unwell. */
  readonly #pools: ServicePools;
  readonly #asked: ServicePolicy;
  #fault: string | undefined;
  /** Answers in a row that speak against the state. */
  #against = 0;
  #timer: Timer | undefined;
  #giveUp: (() => void) | undefined;

  constructor(service: ServicePolicy, health: HealthPolicy, parts: HealthChecksParts) {
    this.service = service;
    this.#health = health;
    this.#parts = parts;
    // A new connection each time: a kept one may work when no new one can be opened.
    this.#asked = { ...service, balance: 'request' };
    this.#pools = new ServicePools(parts.open, parts.clock);
    this.#ask();
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#giveUp?.();
    await this.#pools.destroy();
  }

  #ask(): void {
    this.#giveUp = probeHealth({
      service: this.#asked,
      health: this.#health,
      upstream: this.#pools,
      clock: this.#parts.clock,
      onVerdict: (fault) => this.#judged(fault),
    });
  }

  #judged(fault: string | undefined): void {
    this.#timer = this.#parts.clock.after(this.#health.everyMs, () => this.#ask());
    const { name } = this.service;
    this.#parts.onChecked(name, fault === undefined);
    const isSame = (fault === undefined) === (this.#fault === undefined);
    this.#against = isSame ? 0 : this.#against + 1;
    const { unhealthy, healthy } = this.#health;
    if (this.#against < (fault === undefined ? healthy : unhealthy)) return;
    if (isSame) return;
    this.#against = 0;
    this.#fault = fault;
    this.#parts.onChange(name, fault);
  }
}
