import type { Clock } from '../../core/clock.ts';
import type { Maybe } from '../../core/maybe.ts';
import { refuse } from '../../core/refusal.ts';
import type { LimitLeft, Refusal, RefusalCode } from '../../core/refusal.ts';
import { Admission, countedRate, limitLeft } from './admission.ts';
import type { Check, RateCheck } from '../../policy/snapshot/snapshot.ts';
import { ConnectionPlaces } from './connection-places.ts';
import type { LimitStore, Taken } from './limit-store.ts';
import { MemoryLimits } from './memory-limits.ts';
import { Permit } from './permit.ts';
import { rateLimitFields } from './rate-limit-fields.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** Called for every refusal, also for those that `mode: shadow` only counts. */
export type LimitListener = (limit: string, mode: 'enforce' | 'shadow') => void;

export interface LimiterOptions {
  readonly clock: Clock;
  /** Default: the memory of this process. */
  readonly store?: LimitStore;
  readonly onLimited?: LimitListener;
  /** The RateLimit fields are a draft still, so they can be switched off (K6). Default: on. */
  readonly withRateLimitFields?: boolean;
}

const CODES = {
  rate: 'rate_limited',
  quota: 'quota_exceeded',
  place: 'concurrency_limited',
} as const satisfies Record<Check['kind'], RefusalCode>;

/** What is left of a rate. */
export interface Left {
  readonly check: RateCheck;
  readonly remaining: number;
}

/** Nobody knows when another request will end; one second is the smallest Retry-After. */
const CONCURRENCY_RETRY_SECONDS = 1;
const STORE_RETRY_SECONDS = 1;

/**
 * Decides whether a request may pass now. One limiter lives as long as the process: its counts outlast
 * reloads. With a store that answers at once everything happens in one turn, so no other request comes
 * between check and count.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #store: LimitStore;
  readonly #onLimited: LimitListener;
  readonly #withFields: boolean;

  constructor(options: LimiterOptions) {
    this.#clock = options.clock;
    this.#store = new ConnectionPlaces(options.store ?? new MemoryLimits(options.clock));
    this.#onLimited = options.onLimited ?? ignore;
    this.#withFields = options.withRateLimitFields ?? true;
  }

  /**
   * A permit when all checks admit, else the 429 of the first that does not. A refused request spends
   * nothing: later checks are not asked, and what earlier ones took is given back.
   */
  admit(checks: readonly Check[]): Maybe<Permit | Refusal> {
    const admission = new Admission(this.#store);
    const nowMs = this.#clock.monotonicMs();
    for (let i = 0; i < checks.length; i += 1) {
      if (admission.isPassedOver(checks[i]!)) continue;
      const taken = this.#store.take(checks[i]!, nowMs);
      if (taken instanceof Promise) {
        return this.#admitLate(admission, checks.slice(i), [
          taken,
          ...this.#ask(checks, i + 1, nowMs),
        ]);
      }
      const refusal = this.#judge(admission, checks[i]!, taken);
      if (refusal !== undefined) return refusal;
    }
    return this.#permit(admission);
  }

  /** What is left of the rates of these checks. Counts nothing, and refuses nobody. */
  async left(checks: readonly RateCheck[]): Promise<readonly Left[]> {
    const nowMs = this.#clock.monotonicMs();
    return Promise.all(
      checks.map(async (check) => ({ check, remaining: await this.#store.look(check, nowMs) })),
    );
  }

  /** All in the same turn: a store over a network makes one round trip of them. */
  #ask(checks: readonly Check[], from: number, nowMs: number): Promise<Taken>[] {
    return checks.slice(from).map(async (check) => this.#store.take(check, nowMs));
  }

  async #admitLate(
    admission: Admission,
    checks: readonly Check[],
    answers: readonly Promise<Taken>[],
  ): Promise<Permit | Refusal> {
    const all = await Promise.all(answers);
    for (let i = 0; i < checks.length; i += 1) {
      const refusal = this.#judge(admission, checks[i]!, all[i]!);
      if (refusal === undefined) continue;
      // These were asked in the same round trip, and are not wanted any more.
      for (let j = i + 1; j < checks.length; j += 1) {
        if (all[j]!.isAdmitted) this.#store.undo(checks[j]!, all[j]!);
      }
      return refusal;
    }
    return this.#permit(admission);
  }

  /** Undefined: go on. */
  #judge(admission: Admission, check: Check, taken: Taken): Refusal | undefined {
    if (taken.isAdmitted) {
      if (!admission.isPassedOver(check)) admission.add(check, taken);
      else this.#store.undo(check, taken);
      return undefined;
    }
    // A store that is away is no limit that somebody has met.
    if (taken.isAway !== true) this.#onLimited(check.name, check.mode);
    if (check.mode === 'shadow') {
      admission.passOver(check);
      return undefined;
    }
    const limits = [...admission.asked(), limitLeft(check, taken)];
    admission.undo();
    return this.#refusal(check, taken, limits);
  }

  #permit(admission: Admission): Permit {
    return new Permit(this.#withFields ? admission.counted : [], admission);
  }

  #refusal(check: Check, taken: Taken, limits: readonly LimitLeft[]): Refusal {
    if (taken.isAway === true) return unavailable(check);
    const rate = check.kind === 'place' ? undefined : countedRate(check, taken);
    const seconds = rate === undefined ? CONCURRENCY_RETRY_SECONDS : wholeSeconds(rate.waitMs);
    const fields = rate === undefined || !this.#withFields ? [] : rateLimitFields([rate]);
    const code = codeOf(check);
    return refuse(code, {
      reason: namedReason('limit.exceeded', check.name),
      headers: ['retry-after', String(seconds), ...fields],
      members: { limit: check.name },
      limits,
      // Of HTTP/1.1 alone: over HTTP/2 other streams of the connection may be another tenant's.
      ...(code === 'too_many_connections' && { closeConnection: true }),
    });
  }
}

function codeOf(check: Check): RefusalCode {
  const isOfConnections = check.kind === 'place' && check.counts === 'connections';
  return isOfConnections ? 'too_many_connections' : CODES[check.kind];
}

/** Nobody knows when the store is back; one second is the smallest Retry-After. */
function unavailable({ name }: Check): Refusal {
  return refuse('limit_unavailable', {
    reason: namedReason('limit.store', name),
    headers: ['retry-after', String(STORE_RETRY_SECONDS)],
    members: { limit: name },
  });
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

function ignore(): void {}
