import { LRUCache } from 'lru-cache';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterRedis } from 'rate-limiter-flexible';
import { keyTuple } from '../../../core/key-tuple.ts';
import type { QuotaCheck } from '../../../policy/snapshot/snapshot.ts';
import type { Calendar } from '../calendar.ts';
import type { Taken } from '../limit-store.ts';
import type { ScriptRunner } from './script-runner.ts';
import { sharedKey } from './shared-key.ts';
import { windowLimiter } from './window-client.ts';
import { usedUp } from './window-limits.ts';

/** A gateway whose clock is late by less finds what the others have counted. */
const KEPT_AFTER_SECONDS = 60;
/** One limiter for each amount of the policy; those of earlier policies fall out. */
const MAX_AMOUNTS = 4096;
/** A quota has no burst beside it. */
const NO_BURST = ['0', '1'];

/** Quotas of calendar periods over rate-limiter-flexible: one window for each period, which ends with it. */
export class QuotaLimits {
  readonly #calendar: Calendar;
  readonly #runner: ScriptRunner;
  readonly #limiters = new LRUCache<number, RateLimiterRedis>({ max: MAX_AMOUNTS });

  constructor(runner: ScriptRunner, calendar: Calendar) {
    this.#calendar = calendar;
    this.#runner = runner;
  }

  /** Rejects when the store is away. */
  async take(check: QuotaCheck): Promise<Taken> {
    const nowMs = this.#calendar.now();
    const { startMs, endMs } = this.#calendar.periodOf(check.period, nowMs);
    const resetMs = endMs - nowMs;
    const customDuration = Math.ceil(resetMs / 1000) + KEPT_AFTER_SECONDS;
    try {
      const limiter = this.#limiterOf(check);
      const answer = await limiter.consume(keyOf(check, startMs), 1, { customDuration });
      const remaining = answer.remainingPoints;
      return { isAdmitted: true, remaining, waitMs: 0, slot: startMs, resetMs };
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return { isAdmitted: false, remaining: 0, waitMs: resetMs, slot: startMs, resetMs };
    }
  }

  /** What is left in the period of now. Rejects when the store is away. */
  async look(check: QuotaCheck): Promise<number> {
    const { startMs } = this.#calendar.periodOf(check.period, this.#calendar.now());
    const answer = await this.#limiterOf(check).consume(keyOf(check, startMs), 0).catch(usedUp);
    return answer.remainingPoints;
  }

  undo(check: QuotaCheck, { slot }: Taken): void {
    // One that cannot be given back is lost with the period.
    const customDuration = KEPT_AFTER_SECONDS;
    this.#limiterOf(check).reward(keyOf(check, slot), 1, { customDuration }).catch(ignore);
  }

  /** Each call says its own duration. */
  #limiterOf({ amount }: QuotaCheck): RateLimiterRedis {
    const known = this.#limiters.get(amount);
    if (known !== undefined) return known;
    const runner = this.#runner;
    const limiter = windowLimiter({ runner, burst: NO_BURST, points: amount, duration: 1 });
    this.#limiters.set(amount, limiter);
    return limiter;
  }
}

function keyOf({ key }: QuotaCheck, startMs: number): string {
  return sharedKey('quota', key + keyTuple(String(startMs)));
}

function ignore(): void {}
