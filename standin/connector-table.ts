/** How the far side treats openings for a routing key; everything but `serve` is a fault on command. */
export type ConnectorBehaviour =
  | 'serve'
  /** A consumer is known, but no credit is ever granted. */
  | 'no-credit'
  /** The vhost's policy does not list it: a link to it is refused. */
  | 'forbid'
  /** The opening is taken and never answered. */
  | 'silent'
  /** The opening is released: the consumer vanished but its credit remained. */
  | 'release';

export interface BackendAddress {
  readonly host: string;
  readonly port: number;
  /** The connector itself speaks TLS, trusts this authority (PEM), and verifies `host`. Default: plain TCP. */
  readonly tls?: { readonly ca: string };
  /**
   * The connector is at another router, at this cost. A stream then counts until the client has ended it, also
   * one that came back, and of equals the first is taken. Default: at this router.
   */
  readonly cost?: number;
}

/** Streams that count for a backend when the next one is given out. */
export type Load = (backend: BackendAddress) => number;

/** What serves a routing key: one connector for each backend, all of them well or none. */
export interface Connector {
  readonly routingKey: string;
  readonly behaviour: ConnectorBehaviour;
  /** At least one. */
  readonly backends: readonly BackendAddress[];
}

/** The consumers of the imagined network, by routing key, and who waits for one. */
export class ConnectorTable {
  readonly #connectors = new Map<string, Connector>();
  /** Streams given out so far, by routing key. */
  readonly #turns = new Map<string, number>();
  /** Their connectors are deleted, and the router does not know it yet. */
  readonly #withdrawn = new Set<BackendAddress>();
  readonly #watchers = new Set<(routingKey: string) => void>();

  find(routingKey: string): Connector | undefined {
    return this.#connectors.get(routingKey);
  }

  /**
   * The backend of the next stream, as at a router (qdr_forward_balanced_CT): the one with the lowest sum of
   * streams and cost. Connectors of this router come first, in turn where they are equal.
   */
  nextBackend({ routingKey, backends }: Connector, loadOf: Load = () => 0): BackendAddress {
    const turn = this.#turns.get(routingKey) ?? 0;
    this.#turns.set(routingKey, turn + 1);
    const here = backends.filter(({ cost }) => cost === undefined);
    const first = here.length === 0 ? 0 : turn % here.length;
    const there = backends.filter(({ cost }) => cost !== undefined);
    const value = (it: BackendAddress): number => loadOf(it) + (it.cost ?? 0);
    return [...here.slice(first), ...here.slice(0, first), ...there].reduce((best, it) =>
      value(it) < value(best) ? it : best,
    );
  }

  /** The backend's connector is deleted: openings that are still given to it come back. */
  withdraw(backend: BackendAddress): void {
    this.#withdrawn.add(backend);
  }

  isWithdrawn(backend: BackendAddress): boolean {
    return this.#withdrawn.has(backend);
  }

  /** True when a link to the routing key is given credit. */
  grantsCredit(routingKey: string): boolean {
    const connector = this.#connectors.get(routingKey);
    return connector !== undefined && !['no-credit', 'forbid'].includes(connector.behaviour);
  }

  put(connector: Connector): void {
    this.#connectors.set(connector.routingKey, connector);
    for (const watcher of this.#watchers) watcher(connector.routingKey);
  }

  /** False when there was none. */
  remove(routingKey: string): boolean {
    const wasThere = this.#connectors.delete(routingKey);
    if (wasThere) for (const watcher of this.#watchers) watcher(routingKey);
    return wasThere;
  }

  /** Calls `watcher` with each routing key that gets or loses a connector, until the returned stop is called. */
  watch(watcher: (routingKey: string) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}
