import { systemClock } from '../../../src/app/system-clock.ts';
import type { RedisPlace } from '../../../src/core/redis-place.ts';
import { SharedLimits } from '../../../src/evaluate/limit/limit.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { singlePlace, testStore } from './redis-places.ts';
import { waitUntil } from '../tools/wait-until.ts';
import type { TestRedis } from './redis.ts';

/** Limits of one replica over a real Redis. */
export class ReplicaLimits implements AsyncDisposable {
  readonly limits: SharedLimits;
  readonly store: RedisStore;
  /** Who answered each check, in order. */
  readonly answers: string[] = [];
  /** What operators are told, in order. */
  readonly changes: string[] = [];

  private constructor(place: RedisPlace) {
    this.store = testStore({ place });
    this.limits = new SharedLimits({
      clock: systemClock,
      runner: this.store,
      onChange: (isUp, why) => void this.changes.push(`${isUp ? 'up' : 'away'}: ${why}`),
      onAnswer: (by) => void this.answers.push(by),
    });
  }

  static open({ url }: Pick<TestRedis, 'url'>): Promise<ReplicaLimits> {
    return ReplicaLimits.at(singlePlace({ url }));
  }

  static async at(place: RedisPlace): Promise<ReplicaLimits> {
    const replica = new ReplicaLimits(place);
    replica.store.start();
    await waitUntil('the store is ready', () => replica.store.isReady);
    return replica;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
  }
}
