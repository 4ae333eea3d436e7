import { DEADLINES } from '../../core/deadlines.ts';
import { bareHost } from '../../core/network-addresses.ts';
import type { RedisPlace } from '../../core/redis-place.ts';
import { Secret } from '../../core/secret.ts';
import { loadRedis } from './redis-link.ts';
import type { ChannelListener, RedisCommands, RedisLink, RedisLinkOptions } from './redis-link.ts';
import { isTls, nodeOptions, reconnectStrategy, refusePlain } from './redis-options.ts';
import { SingleRedis } from './redis-single.ts';

export type SentinelPlace = Extract<RedisPlace, { kind: 'sentinel' }>;

interface Node {
  readonly host: string;
  readonly port: number;
}

const SENTINEL_PORT = 26_379;
/** Rounds over all Sentinels, a second apart, before the error is told. */
const ROUNDS = 3;

/**
 * The master that Sentinel names. The package's Sentinel client finds it, and no command goes through that: it would try a
 * command without a pause until there is a master again, long after nobody waits for the answer.
 */
export class SentinelRedis implements RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #usesTls: boolean;
  readonly #finder: ReturnType<typeof finderOf>;
  readonly #channels = new Map<string, ChannelListener>();
  #master: SingleRedis | undefined;
  #masterUrl: string | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(options: RedisLinkOptions, place: SentinelPlace) {
    this.#options = options;
    this.#usesTls = isTls(place.urls[0]!);
    this.#finder = finderOf(options, place);
    this.#finder.on('topology-change', ({ type, node }: { type: string; node: Node }) => {
      if (type === 'MASTER_CHANGE') this.#follow(node);
    });
    // One of several Sentinels may be away while another knows the master.
    this.#finder.on('error', () => {});
  }

  get commands(): RedisCommands | undefined {
    return this.#master?.commands;
  }

  start(): void {
    this.#finder.connect().then(
      () => (this.#failures = 0),
      (error: unknown) => this.#failed(error),
    );
  }

  listen(channel: string, listener: ChannelListener): void {
    this.#channels.set(channel, listener);
    this.#master?.listen(channel, listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#finder.destroy().catch(() => {});
    this.#master?.close();
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.#options.onAway(error);
    this.#options.clock.after(reconnectStrategy(this.#failures++), () => {
      if (!this.#isClosed) this.start();
    });
  }

  /** Sentinel names the same master again when its own connection to that is new. */
  #follow(node: Node): void {
    const url = urlOf(node, this.#usesTls);
    if (url === this.#masterUrl || this.#isClosed) return;
    this.#masterUrl = url;
    this.#master?.close();
    this.#master = new SingleRedis({ ...this.#options, url: new Secret(url) });
    for (const [channel, listener] of this.#channels) this.#master.listen(channel, listener);
    this.#master.start();
  }
}

function finderOf(options: RedisLinkOptions, { master, urls, password }: SentinelPlace) {
  const usesTls = isTls(urls[0]!);
  const sentinels = { caPem: options.caPem, user: undefined, password };
  return loadRedis().createSentinel({
    name: master,
    sentinelRootNodes: urls.map(nodeOf),
    nodeClientOptions: nodeOptions(options, usesTls),
    sentinelClientOptions: nodeOptions(sentinels, usesTls),
    nodeAddressMap: refusePlain(usesTls),
    maxCommandRediscovers: ROUNDS,
    // Where a message of Sentinel was missed.
    scanInterval: DEADLINES.storePingMs,
  });
}

function nodeOf(url: Secret): Node {
  const { hostname, port } = new URL(url.reveal());
  return { host: bareHost(hostname), port: port === '' ? SENTINEL_PORT : Number(port) };
}

function urlOf({ host, port }: Node, usesTls: boolean): string {
  return `${usesTls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
