import { createRequire } from 'node:module';
import type * as Redis from 'redis';
import type { Clock } from '../../core/clock.ts';
import type { RedisPlace } from '../../core/redis-place.ts';
import type { RedisAccess } from './redis-options.ts';

/** The commands of the `redis` package that the store uses. They reject at once where no connection is. */
export interface RedisCommands {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: SetCommand): Promise<string | null>;
  del(key: string): Promise<number>;
  zRem(key: string, member: string): Promise<number>;
  publish(channel: string, message: string): Promise<number>;
  eval(lua: string, call: EvalCommand): Promise<unknown>;
  evalSha(sha1: string, call: EvalCommand): Promise<unknown>;
}

interface SetCommand {
  readonly expiration: { readonly type: 'PX'; readonly value: number };
  readonly condition?: 'NX';
}

interface EvalCommand {
  /** All in one slot of a cluster. */
  readonly keys: string[];
  readonly arguments: string[];
}

export interface ChannelListener {
  message(text: string): void;
  /** Listening begins now, for the first time or again. */
  gap(): void;
}

/** The connections to one place. They come back by themselves until `close`. */
export interface RedisLink {
  /** Undefined: none can be asked now. */
  readonly commands: RedisCommands | undefined;
  /** Begins to connect; does not wait. */
  start(): void;
  /** Each channel once. */
  listen(channel: string, listener: ChannelListener): void;
  close(): void;
}

export interface RedisLinkOptions extends RedisAccess {
  readonly place: RedisPlace;
  readonly clock: Clock;
  /** A server is not reached; called again for each attempt. */
  readonly onAway: (error: unknown) => void;
  readonly onBack: () => void;
}

/** Loaded when a policy names a Redis: a gateway without one need not hold its 11 MB. */
export const loadRedis = () => createRequire(import.meta.url)('redis') as typeof Redis;
