import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { isSameValue } from '../../core/same-value.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import type { RoutingKey } from '../../core/ids.ts';
import { Retirement } from '../../core/retirement.ts';
import type { SkupperNetwork } from '../../network/skupper-network.ts';
import { RouterNetwork } from '../../network/router-network.ts';
import type { NetworkPolicy, PolicySnapshot } from '../../policy/snapshot/snapshot.ts';
import type { Log } from '../../record/record.ts';
import { routingKeysOf } from '../../upstream/transport/transport.ts';

export interface NetworkHolderParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** New lanes go another way now: kept-alive ones should be given up when they are free. */
  readonly onRerouted: () => void;
}

/**
 * Replaced networks whose lanes may end by themselves at a time. Each keeps its connections until then, and
 * the router's vhost policy (docs/router-policy.md) counts them: with this a gateway has at most four
 * times `network.connections`, however often its credentials change.
 */
const MAX_DRAINING = 2;

/** The network that serves now, the one that is to replace it, and those that were replaced. */
export class NetworkHolder {
  readonly #parts: NetworkHolderParts;
  #policy: NetworkPolicy | undefined;
  #current: SkupperNetwork | undefined;
  /** Has other links or credentials and is not connected yet; the current one serves meanwhile. */
  #next: SkupperNetwork | undefined;
  /** Replaced, with lanes that may end by themselves. */
  readonly #retired: Retirement<SkupperNetwork>;

  constructor(parts: NetworkHolderParts) {
    this.#parts = parts;
    const crowded =
      'too many earlier router connections still have open lanes: the oldest are closed';
    this.#retired = new Retirement({
      clock: parts.clock,
      limitMs: DEADLINES.networkDrainMs,
      most: MAX_DRAINING,
      onCrowded: () => parts.log.warn(crowded),
    });
  }

  /** Undefined: the policy names no network. */
  get current(): SkupperNetwork | undefined {
    return this.#current;
  }

  /** One sentence while new links or credentials do not connect and the earlier ones are kept. */
  get pending(): string | undefined {
    const status = this.#next?.status();
    if (status === undefined) return undefined;
    return `the earlier router connections are still in use, the new ones are not open: ${status.reason ?? ''}`;
  }

  /**
   * Same network policy: same network. Else make before break: a new one connects, and only when it is
   * ready the old one gets no new lanes and ends as its lanes do.
   */
  apply({ network, services }: Pick<PolicySnapshot, 'network' | 'services'>): void {
    const keys = permittedKeys(services);
    if (isSameValue(network, this.#policy)) {
      this.#current?.permit(keys);
      this.#next?.permit(keys);
      return;
    }
    this.#policy = network;
    this.#discardNext();
    if (network === undefined) return this.#replaceBy(undefined);
    const created = this.#create(network, keys);
    if (this.#current?.status().isReady !== true) return this.#replaceBy(created);
    this.#next = created;
    this.#current.permit(keys);
    created.onChange(() => this.#promote(created));
  }

  async close(): Promise<void> {
    for (const network of [this.#current, this.#next]) {
      if (network !== undefined) void this.#retired.close(network);
    }
    this.#current = undefined;
    this.#next = undefined;
    this.#policy = undefined;
    await this.#retired.closeAll();
  }

  #promote(network: SkupperNetwork): void {
    if (this.#next !== network || !network.status().isReady) return;
    this.#next = undefined;
    this.#parts.log.info(
      'the new router connections are in use; the earlier ones close when their lanes end',
    );
    this.#replaceBy(network);
  }

  #replaceBy(network: SkupperNetwork | undefined): void {
    const replaced = this.#current;
    this.#current = network;
    if (replaced === undefined) return;
    this.#retired.retire(replaced);
    this.#parts.onRerouted();
  }

  /** It never served, so it has no lanes. */
  #discardNext(): void {
    const discarded = this.#next;
    this.#next = undefined;
    if (discarded !== undefined) void this.#retired.close(discarded);
  }

  #create(policy: NetworkPolicy, routingKeys: ReadonlySet<RoutingKey>): SkupperNetwork {
    const { clock, log, version } = this.#parts;
    const network = new RouterNetwork({
      policy,
      routingKeys,
      clock,
      version,
      random: Math.random,
      log: (message) => log.info(message),
      containerId: `fairlead-${randomBytes(6).toString('hex')}`,
    });
    network.onDoubt(() => this.#parts.onRerouted());
    network.start();
    return network;
  }
}

/** The routing keys that may be opened: those of services that a route names, and no other. */
function permittedKeys(services: PolicySnapshot['services']): ReadonlySet<RoutingKey> {
  return new Set([...services.values()].flatMap(routingKeysOf));
}
