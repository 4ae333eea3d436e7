import type { Timer } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import type { RedisPlace } from '../../core/redis-place.ts';
import { loadRedis } from './redis-link.ts';
import type { ChannelListener, RedisCommands, RedisLink, RedisLinkOptions } from './redis-link.ts';
import { RedisListener } from './redis-listener.ts';
import { isTls, nodeOptions, reconnectStrategy, refusePlain } from './redis-options.ts';

export type ClusterPlace = Extract<RedisPlace, { kind: 'cluster' }>;

type Cluster = ReturnType<typeof clusterOf>;

interface Node {
  readonly host: string;
  readonly port: number;
}

/** A cluster, whose slots the package knows and asks for again when one has moved. */
export class ClusterRedis implements RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #place: ClusterPlace;
  readonly #listener: RedisListener;
  /** Servers to which the connection is lost. */
  readonly #lost = new Set<string>();
  #cluster: Cluster | undefined;
  #asking: Timer | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(options: RedisLinkOptions, place: ClusterPlace) {
    this.#options = options;
    this.#place = place;
    const servers = place.urls.map((url) => ({ ...options, url }));
    this.#listener = new RedisListener(servers, options.clock);
  }

  get commands(): RedisCommands | undefined {
    return this.#cluster;
  }

  start(): void {
    this.#discover();
    this.#listener.start();
  }

  listen(channel: string, listener: ChannelListener): void {
    this.#listener.listen(channel, listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#asking?.cancel();
    this.#cluster?.destroy();
    this.#listener.close();
  }

  /** Asks the servers of the policy who has which slot; what was known before is used until they answer. */
  #discover(): void {
    const cluster = clusterOf(this.#options, this.#place);
    cluster.on('error', () => {});
    cluster.on('node-error', (error: unknown, node: Node) => this.#lose(cluster, node, error));
    cluster.on('node-ready', (node: Node) => this.#find(cluster, node));
    cluster.on('node-disconnect', (node: Node) => this.#find(cluster, node));
    cluster.connect().then(
      () => this.#use(cluster),
      (error: unknown) => this.#failed(error),
    );
  }

  #use(cluster: Cluster): void {
    if (this.#isClosed) return cluster.destroy();
    const before = this.#cluster;
    this.#cluster = cluster;
    this.#failures = 0;
    this.#lost.clear();
    this.#options.onBack();
    // Its commands that wait may still be answered.
    if (before) this.#options.clock.after(DEADLINES.storeCallMs, () => before.destroy());
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.#options.onAway(error);
    this.#askAfter(reconnectStrategy(this.#failures++));
  }

  /** The package waits for a server that it knows for ever; another may have its slots by then. */
  #lose(cluster: Cluster, node: Node, error: unknown): void {
    if (cluster !== this.#cluster) return;
    this.#options.onAway(error);
    this.#lost.add(addressOf(node));
    this.#askAfter(DEADLINES.storeSilenceMs);
  }

  #find(cluster: Cluster, node: Node): void {
    if (cluster !== this.#cluster || !this.#lost.delete(addressOf(node))) return;
    if (this.#lost.size > 0) return;
    this.#asking?.cancel();
    this.#asking = undefined;
    this.#options.onBack();
  }

  #askAfter(delayMs: number): void {
    this.#asking ??= this.#options.clock.after(delayMs, () => {
      this.#asking = undefined;
      this.#discover();
    });
  }
}

function clusterOf(options: RedisLinkOptions, { urls }: ClusterPlace) {
  const usesTls = isTls(urls[0]!);
  return loadRedis().createCluster({
    rootNodes: urls.map((url) => ({ url: url.reveal() })),
    defaults: nodeOptions(options, usesTls),
    // A server that does not answer must not keep the others waiting.
    minimizeConnections: true,
    nodeAddressMap: refusePlain(usesTls),
  });
}

function addressOf({ host, port }: Node): string {
  return `${host}:${port}`;
}
