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
}

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
  readonly #watchers = new Set<(routingKey: string) => void>();

  find(routingKey: string): Connector | undefined {
    return this.#connectors.get(routingKey);
  }

  /** The backend of the next stream: as at a router the one with the fewest, in turn where that is equal. */
  nextBackend(
    { routingKey, backends }: Connector,
    streamsOf: (backend: BackendAddress) => number = () => 0,
  ): BackendAddress {
    const turn = this.#turns.get(routingKey) ?? 0;
    this.#turns.set(routingKey, turn + 1);
    const first = turn % backends.length;
    return [...backends.slice(first), ...backends.slice(0, first)].reduce((best, it) =>
      streamsOf(it) < streamsOf(best) ? it : best,
    );
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
