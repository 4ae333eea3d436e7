import { createHash } from 'node:crypto';
import type { RoutingKey } from '../../core/ids.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';

export interface AddressChoiceParts {
  /** What the network knows of the consumers of a routing key. */
  readonly reachability: (routingKey: RoutingKey) => 'reachable' | 'unreachable' | 'unknown';
  /** False: its connections failed, and no attempt is due. */
  readonly isOpen: (service: ServicePolicy) => boolean;
  /** An opening found no consumer a moment ago, whatever the network knows. */
  readonly wasRefused: (routingKey: RoutingKey) => boolean;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

export interface AddressWanted {
  /** Whoever has the same text gets the same routing key, as long as that has consumers. */
  readonly affinity?: string | undefined;
  /** Tried already, without success. */
  readonly without?: ReadonlySet<ServicePolicy> | undefined;
}

type Members = NonNullable<ServicePolicy['addresses']>['members'];
type Member = Members[number];

/**
 * Which routing key a request goes to, of a service that has several. Keys without a consumer, and those whose
 * connections fail, are left out; one of which nothing is known yet is not. One that refused a moment ago is taken when no
 * other is left. By priority the first that is left, by weight a random one.
 */
export class AddressChoice {
  readonly #parts: AddressChoiceParts;

  constructor(parts: AddressChoiceParts) {
    this.#parts = parts;
  }

  /** The service with the routing key chosen; undefined: none of them is left. */
  choose(
    { addresses }: ServicePolicy,
    { affinity, without }: AddressWanted,
  ): ServicePolicy | undefined {
    if (addresses === undefined) return undefined;
    const usable = addresses.members.filter(
      ({ service, weight }) =>
        weight > 0 &&
        without?.has(service) !== true &&
        this.#parts.reachability(service.address) !== 'unreachable' &&
        this.#parts.isOpen(service),
    );
    const left = this.#withoutRefused(usable);
    if (addresses.order === 'priority') return left[0]?.service;
    return affinity === undefined ? this.#byWeight(left) : byAffinity(left, affinity);
  }

  #withoutRefused(usable: Members): Members {
    if (!usable.some(({ service }) => this.#parts.wasRefused(service.address))) return usable;
    const left = usable.filter(({ service }) => !this.#parts.wasRefused(service.address));
    return left.length === 0 ? usable : left;
  }

  #byWeight(members: Members): ServicePolicy | undefined {
    const total = members.reduce((sum, { weight }) => sum + weight, 0);
    let at = this.#parts.random() * total;
    for (const { weight, service } of members) {
      at -= weight;
      if (at < 0) return service;
    }
    return members.at(-1)?.service;
  }
}

/**
 * Weighted rendezvous hashing (Schindelhauer, Schomaker: Weighted Distributed Hash Tables, 2005): a key that goes
 * away moves only those who had it, and each gets its share by weight.
 */
function byAffinity(members: Members, affinity: string): ServicePolicy | undefined {
  let best: { readonly member: Member; readonly score: number } | undefined;
  for (const member of members) {
    const score = -member.weight / Math.log(fraction(`${member.service.address}\n${affinity}`));
    if (best === undefined || score > best.score) best = { member, score };
  }
  return best?.member.service;
}

/** Above 0 and below 1, spread evenly. */
function fraction(text: string): number {
  const hash = createHash('sha256').update(text).digest();
  return (hash.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}
