import { LRUCache } from 'lru-cache';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Clock } from '../../../core/clock.ts';
import type { RateCheck, SharedRate } from '../../../policy/snapshot/snapshot.ts';
import { BucketTable } from '../bucket-table.ts';
import type { Taken } from '../limit-store.ts';
import { LocalAnswer, LocalShare } from './local-share.ts';
import type { ScriptRunner } from './script-runner.ts';
import { sharedKey } from './shared-key.ts';
import { windowLimiter } from './window-client.ts';

export interface WindowLimitsParts {
  readonly clock: Clock;
  readonly runner: ScriptRunner;
}

type SharedCheck = RateCheck & { readonly shared: SharedRate };

/** One limiter for each shape of the policy; those of earlier policies fall out. */
const MAX_SHAPES = 4096;

/** Rates in fixed windows over rate-limiter-flexible, with our buckets as its insurance. */
export class WindowLimits {
  readonly #parts: WindowLimitsParts;
  readonly #local = new BucketTable();
  readonly #limiters = new LRUCache<string, RateLimiterRedis>({ max: MAX_SHAPES });

  constructor(parts: WindowLimitsParts) {
    this.#parts = parts;
  }

  /** Rejects when the store is away and the rule does not count by itself then. */
  async take(check: SharedCheck): Promise<Taken> {
    try {
      return takenOf(await this.#limiterOf(check).consume(keyOf(check)), true);
    } catch (error) {
      if (error instanceof RateLimiterRes) return takenOf(error, false);
      throw error;
    }
  }

  /** What is left. Rejects when the store is away and the rule does not count by itself then. */
  async look(check: SharedCheck): Promise<number> {
    const answer = await this.#limiterOf(check).consume(keyOf(check), 0).catch(usedUp);
    return answer.remainingPoints;
  }

  undo(check: SharedCheck, { local }: Taken): void {
    if (local !== undefined) return this.#local.giveBack(localBucket(check), local.slot);
    // A token that cannot be given back is lost with the window.
    this.#limiterOf(check).reward(keyOf(check)).catch(ignore);
  }

  #limiterOf({ shape, shared }: SharedCheck): RateLimiterRedis {
    const { rate, capacity } = shape;
    const name = [
      rate.amount,
      rate.windowMs,
      capacity,
      shared.whenDown,
      shared.share.capacity,
      shared.share.intervalMs,
    ].join();
    let limiter = this.#limiters.get(name);
    if (limiter === undefined) {
      limiter = this.#create(shape, shared);
      this.#limiters.set(name, limiter);
    }
    return limiter;
  }

  #create(shape: SharedCheck['shape'], { whenDown, share }: SharedRate): RateLimiterRedis {
    const { clock, runner } = this.#parts;
    const insurance =
      whenDown === 'local-share'
        ? new LocalShare({ clock, buckets: this.#local, shape: share })
        : undefined;
    return windowLimiter({
      runner,
      burst: burstArguments(shape),
      points: shape.rate.amount,
      duration: shape.rate.windowMs / 1000,
      insurance,
    });
  }
}

function keyOf({ key }: RateCheck): string {
  return sharedKey('window', key);
}

function localBucket(check: SharedCheck) {
  return { key: keyOf(check), ruleKey: check.ruleKey, shape: check.shared.share };
}

/** The burst refills in ten times the time that it lasts, so that it adds a tenth to the rate at most. */
const BURST_WINDOWS = 10;

/** What a burst allows above one window, and the seconds of its own window. */
export function burstArguments({ capacity, intervalMs, rate }: RateCheck['shape']): string[] {
  const burst = Math.max(0, capacity - rate.amount);
  const seconds = Math.ceil((BURST_WINDOWS * burst * intervalMs) / 1000);
  return [String(burst), String(Math.max(1, seconds))];
}

/** The rate was more when it was used. */
export function usedUp(answer: unknown): RateLimiterRes {
  if (answer instanceof RateLimiterRes) return answer;
  throw answer;
}

function takenOf(answer: RateLimiterRes, isAdmitted: boolean): Taken {
  const { remainingPoints, msBeforeNext } = answer;
  const waitMs = isAdmitted ? 0 : Math.max(1, msBeforeNext);
  const local = answer instanceof LocalAnswer ? answer.taken : undefined;
  return {
    isAdmitted,
    remaining: isAdmitted ? remainingPoints : 0,
    waitMs,
    slot: 0,
    ...(local === undefined ? { resetMs: Math.max(1, msBeforeNext) } : { local }),
  };
}

function ignore(): void {}
