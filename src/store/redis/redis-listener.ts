import type { Clock, Timer } from '../../core/clock.ts';
import { loadRedis } from './redis-link.ts';
import type { ChannelListener } from './redis-link.ts';
import { reconnectStrategy, redisOptions } from './redis-options.ts';
import type { RedisServer } from './redis-options.ts';

type Client = ReturnType<typeof clientOf>;

/**
 * A connection that only listens. Every server of a cluster hears what is published on any of them, so one that is lost is
 * replaced by the next of `servers`; a single one is connected to again.
 */
export class RedisListener {
  readonly #servers: readonly RedisServer[];
  readonly #clock: Clock;
  readonly #channels = new Map<string, ChannelListener>();
  /** Channels that the client subscribes to again by itself. */
  readonly #listened = new Set<string>();
  #client: Client | undefined;
  #failures = 0;
  #moving: Timer | undefined;

  constructor(servers: readonly RedisServer[], clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
  }

  start(): void {
    const client = clientOf(this.#servers[this.#failures % this.#servers.length]!);
    this.#client = client;
    this.#listened.clear();
    client.on('error', () => this.#failed(client));
    client.on('ready', () => this.#ready(client));
    client.connect().catch(() => {});
  }

  listen(channel: string, listener: ChannelListener): void {
    this.#channels.set(channel, listener);
    if (this.#client?.isReady === true) this.#subscribe(this.#client, channel, listener);
  }

  close(): void {
    this.#moving?.cancel();
    this.#moving = undefined;
    this.#client?.destroy();
    this.#client = undefined;
  }

  #failed(client: Client): void {
    if (this.#servers.length === 1 || client !== this.#client || this.#moving) return;
    this.#moving = this.#clock.after(reconnectStrategy(this.#failures), () => {
      this.close();
      this.#failures += 1;
      this.start();
    });
  }

  /** What was said before is lost, also where the client subscribed again by itself. */
  #ready(client: Client): void {
    if (client !== this.#client) return;
    for (const [channel, listener] of this.#channels) {
      if (this.#listened.has(channel)) listener.gap();
      else this.#subscribe(client, channel, listener);
    }
  }

  #subscribe(client: Client, channel: string, listener: ChannelListener): void {
    client
      .subscribe(channel, (message) => listener.message(message))
      .then(
        () => {
          if (client !== this.#client) return;
          this.#listened.add(channel);
          listener.gap();
        },
        () => {
          // The connection went; `ready` tries again.
        },
      );
  }
}

function clientOf(server: RedisServer) {
  return loadRedis().createClient(redisOptions(server));
}
