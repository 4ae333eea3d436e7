import { isSameValue } from '../../core/same-value.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import { ServiceHealth } from './service-health.ts';
import type { HealthChecksParts } from './service-health.ts';

/** Asks the applications of services with `health` how they are, for as long as the policy has them. */
export class HealthChecks {
  readonly #parts: HealthChecksParts;
  #services = new Map<string, ServiceHealth>();

  constructor(parts: HealthChecksParts) {
    this.#parts = parts;
  }

  /** A service that is the same, value by value, keeps its state; one that changed is asked anew. */
  apply(services: ReadonlyMap<string, ServicePolicy>): void {
    const kept = new Map<string, ServiceHealth>();
    for (const [name, service] of services) {
      if (service.health === undefined) continue;
      const known = this.#services.get(name);
      const isSame = known !== undefined && isSameValue(known.service, service);
      kept.set(name, isSame ? known : new ServiceHealth(service, service.health, this.#parts));
    }
    for (const [name, health] of this.#services) {
      if (kept.get(name) !== health) void health.close();
    }
    this.#services = kept;
  }

  /** What is wrong with it; undefined: nothing that is known. */
  faultOf({ name }: ServicePolicy): string | undefined {
    return this.#services.get(name)?.fault;
  }

  /** For metrics: 1 well, 0 not. */
  *states(): Iterable<readonly [service: string, value: number]> {
    for (const [name, { fault }] of this.#services) yield [name, fault === undefined ? 1 : 0];
  }

  async close(): Promise<void> {
    const services = [...this.#services.values()];
    this.#services.clear();
    await Promise.all(services.map((each) => each.close()));
  }
}
