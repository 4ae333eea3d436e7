import type { Clock } from '../../core/clock.ts';
import { loadRedis } from './redis-link.ts';
import type { ChannelListener, RedisCommands, RedisLink, RedisLinkOptions } from './redis-link.ts';
import { RedisListener } from './redis-listener.ts';
import { redisOptions } from './redis-options.ts';
import type { RedisServer } from './redis-options.ts';

export interface SingleRedisOptions
  extends RedisServer, Pick<RedisLinkOptions, 'onAway' | 'onBack'> {
  readonly clock: Clock;
}

/** One server: a connection for commands, and one that listens. */
export class SingleRedis implements RedisLink {
  readonly #client: ReturnType<typeof clientOf>;
  readonly #listener: RedisListener;
  readonly #onAway: (error: unknown) => void;

  constructor(options: SingleRedisOptions) {
    this.#onAway = options.onAway;
    this.#client = clientOf(options);
    this.#client.on('error', options.onAway);
    this.#client.on('ready', options.onBack);
    this.#listener = new RedisListener([options], options.clock);
  }

  get commands(): RedisCommands | undefined {
    return this.#client.isReady ? this.#client : undefined;
  }

  start(): void {
    this.#client.connect().catch(this.#onAway);
    this.#listener.start();
  }

  listen(channel: string, listener: ChannelListener): void {
    this.#listener.listen(channel, listener);
  }

  close(): void {
    this.#client.destroy();
    this.#listener.close();
  }
}

function clientOf(server: RedisServer) {
  return loadRedis().createClient(redisOptions(server));
}
