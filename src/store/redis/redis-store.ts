import { DEADLINES } from '../../core/deadlines.ts';
import { StoreError } from '../key-value-store.ts';
import type { Change, KeyValueStore, SetOptions, Subscriber } from '../key-value-store.ts';
import { openRedis } from './open-redis.ts';
import type { RedisCommands, RedisLink, RedisLinkOptions } from './redis-link.ts';
import { MAX_QUEUED } from './redis-options.ts';
import { SCRIPTS } from './redis-scripts.ts';

export interface RedisStoreOptions extends Omit<RedisLinkOptions, 'onAway' | 'onBack'> {
  /** Stands before every key and channel, so that several gateways may share one Redis. */
  readonly prefix: string;
  /** One script of a limit; default `limitStoreMs`. */
  readonly scriptMs?: number;
  /** Told when the connection comes and goes, in operators' words. */
  readonly log: (message: string) => void;
}

/** A script by its text, and by what the server calls it. */
interface StoreScript {
  readonly lua: string;
  readonly sha1: string;
}

interface ScriptCall {
  readonly keys: readonly string[];
  readonly arguments: readonly string[];
}

/**
 * The store that replicas share. Every operation rejects with `StoreError` when Redis is away, or has
 * not answered within `storeCallMs`; the connection comes back by itself.
 */
export class RedisStore implements KeyValueStore {
  readonly isShared = true;
  readonly #options: RedisStoreOptions;
  readonly #link: RedisLink;
  readonly #subscribers = new Map<string, Subscriber[]>();
  /** Commands without an answer, those included for which nobody waits any more. */
  #open = 0;
  #isDown = false;
  #isClosed = false;

  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#link = openRedis({
      ...options,
      onAway: (error) => this.#noteAway(error),
      onBack: () => this.#noteBack(),
    });
  }

  /** Begins to connect, and goes on trying; does not wait. */
  start(): void {
    this.#link.start();
  }

  /** True while operations can succeed. */
  get isReady(): boolean {
    return !this.#isClosed && this.#link.commands !== undefined;
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#ask((commands) => commands.get(this.#key(key)));
    return value ?? undefined;
  }

  async set(key: string, value: string, { ttlMs, ifAbsent }: SetOptions): Promise<boolean> {
    const expiration = { type: 'PX' as const, value: wholeMs(ttlMs) };
    const options = ifAbsent === true ? { expiration, condition: 'NX' as const } : { expiration };
    const answer = await this.#ask((commands) => commands.set(this.#key(key), value, options));
    return answer !== null;
  }

  compareAndSet(key: string, { expected, value, ttlMs }: Change): Promise<boolean> {
    return this.#truth('compareAndSet', key, [expected, value, text(ttlMs)]);
  }

  extend(key: string, ttlMs: number): Promise<boolean> {
    return this.#truth('extend', key, [text(ttlMs)]);
  }

  async delete(key: string, expected?: string): Promise<boolean> {
    if (expected !== undefined) return this.#truth('compareAndDelete', key, [expected]);
    return (await this.#ask((commands) => commands.del(this.#key(key)))) > 0;
  }

  async addMember(set: string, member: string, ttlMs: number): Promise<void> {
    await this.#runOwn('addMember', set, [member, text(ttlMs)]);
  }

  async removeMember(set: string, member: string): Promise<void> {
    await this.#ask((commands) => commands.zRem(this.#key(set), member));
  }

  async members(set: string): Promise<readonly string[]> {
    return (await this.#runOwn('members', set, [])) as readonly string[];
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#ask((commands) => commands.publish(this.#key(channel), message));
  }

  subscribe(channel: string, subscriber: Subscriber): void {
    const known = this.#subscribers.get(channel);
    if (known !== undefined) {
      known.push(subscriber);
      return;
    }
    const subscribers = [subscriber];
    this.#subscribers.set(channel, subscribers);
    this.#link.listen(this.#key(channel), {
      message: (text) => subscribers.forEach((each) => each.message(text)),
      gap: () => subscribers.forEach((each) => each.gap()),
    });
  }

  /** One script in one step; those of one turn go in one round trip. Rejects after `scriptMs` without an answer. */
  run({ lua, sha1 }: StoreScript, { keys, arguments: rest }: ScriptCall): Promise<unknown> {
    const call = { keys: keys.map((key) => this.#key(key)), arguments: [...rest] };
    // The text is long and known to the server after its first run, until that restarts or forgets it.
    return this.#ask(
      (commands) =>
        commands.evalSha(sha1, call).catch((error: unknown) => {
          if (!isForgotten(error)) throw error;
          return commands.eval(lua, call);
        }),
      this.#options.scriptMs ?? DEADLINES.limitStoreMs,
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#link.close();
    await Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #key(key: string): string {
    return this.#options.prefix + key;
  }

  async #truth(script: keyof typeof SCRIPTS, key: string, rest: string[]): Promise<boolean> {
    return (await this.#runOwn(script, key, rest)) === 1;
  }

  #runOwn(script: keyof typeof SCRIPTS, key: string, rest: string[]): Promise<unknown> {
    const call = { keys: [this.#key(key)], arguments: rest };
    return this.#ask((commands) => commands.eval(SCRIPTS[script], call));
  }

  #ask<T>(
    call: (commands: RedisCommands) => Promise<T>,
    limitMs: number = DEADLINES.storeCallMs,
  ): Promise<T> {
    if (this.#isClosed) return Promise.reject(unavailable('the store is closed'));
    const { commands } = this.#link;
    if (commands === undefined) return Promise.reject(unavailable('no connection to Redis'));
    if (this.#open >= MAX_QUEUED) return Promise.reject(unavailable('too many wait for Redis'));
    this.#open += 1;
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(limitMs, () => {
        reject(unavailable(`no answer from Redis within ${limitMs} ms`));
      });
      void call(commands)
        .then(resolve, (error: unknown) => reject(asStoreError(error)))
        .finally(() => {
          this.#open -= 1;
          timer.cancel();
        });
    });
  }

  #noteAway(error: unknown): void {
    if (this.#isDown || this.#isClosed) return;
    this.#isDown = true;
    const name = (error as { code?: string }).code ?? (error as Error).name;
    this.#options.log(`store: Redis is not reachable (${name}); sessions are answered 503`);
  }

  #noteBack(): void {
    if (this.#isDown) this.#options.log('store: Redis is reachable again');
    this.#isDown = false;
  }
}

/** A script that the server was not sent since its start, or was told to forget. */
function isForgotten(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function unavailable(message: string, cause?: unknown): StoreError {
  return new StoreError('store_unavailable', message, cause);
}

/** Redis answers OOM when `maxmemory` is reached and nothing may be evicted. */
function asStoreError(error: unknown): StoreError {
  const isFull = error instanceof Error && error.message.startsWith('OOM');
  if (isFull) return new StoreError('store_full', 'Redis has reached its maxmemory', error);
  return unavailable('Redis refused the command', error);
}

function wholeMs(ttlMs: number): number {
  if (!(ttlMs > 0)) throw new RangeError(`ttlMs must be above 0, found ${ttlMs}`);
  return Math.ceil(ttlMs);
}

function text(ttlMs: number): string {
  return String(wholeMs(ttlMs));
}
