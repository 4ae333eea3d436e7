import type { Maybe } from '../../../core/maybe.ts';
import type {
  Check,
  QuotaCheck,
  RateCheck,
  SharedQuota,
  SharedRate,
  SpentCheck,
} from '../../../policy/snapshot/snapshot.ts';
import { Calendar } from '../calendar.ts';
import type { LimitStore, Taken } from '../limit-store.ts';
import { MemoryLimits } from '../memory-limits.ts';
import { QuotaLimits } from './quota-limits.ts';
import type { ScriptRunner } from './script-runner.ts';
import { SharedPlaces } from './shared-places.ts';
import type { SharedPlaceCheck } from './shared-places.ts';
import { StrictLimits } from './strict-limits.ts';
import { WatchedRunner } from './watched-runner.ts';
import type { WatchedRunnerOptions } from './watched-runner.ts';
import { WindowLimits } from './window-limits.ts';

export interface SharedLimitsOptions extends WatchedRunnerOptions {
  /** Told who answered each check that the store should have counted. */
  readonly onAnswer?: (by: AnsweredBy) => void;
}

/** `store`, or what the rule says for the time that it is away. */
export type AnsweredBy = 'store' | SharedRate['whenDown'];

/** A check that the shared store counts. */
type SharedRateCheck = RateCheck & { readonly shared: SharedRate };
type SharedQuotaCheck = QuotaCheck & { readonly shared: SharedQuota };
/** Tokens and quotas; places are counted apart. */
type SharedSpentCheck = SharedRateCheck | SharedQuotaCheck;
type SharedCheck = SharedSpentCheck | SharedPlaceCheck;

/**
 * Limits that replicas share, beside those of this process alone. A store that is away is asked once a
 * pause; until it answers each rule counts by itself, lets everybody in, or nobody.
 */
export class SharedLimits implements LimitStore {
  readonly #onAnswer: (by: AnsweredBy) => void;
  readonly #memory: MemoryLimits;
  /** For the time that the store is away: apart, so that no token is counted in both. */
  readonly #away: MemoryLimits;
  readonly #runner: ScriptRunner;
  readonly #windows: WindowLimits;
  readonly #strict: StrictLimits;
  readonly #places: SharedPlaces;
  readonly #quotas: QuotaLimits;

  constructor(options: SharedLimitsOptions) {
    this.#onAnswer = options.onAnswer ?? ignore;
    this.#memory = new MemoryLimits(options.clock);
    this.#away = new MemoryLimits(options.clock);
    const runner = new WatchedRunner({
      ...options,
      onChange: (isUp, why) => {
        options.onChange(isUp, why);
        if (isUp) this.#places.putBack();
      },
    });
    this.#runner = runner;
    this.#windows = new WindowLimits({ clock: options.clock, runner });
    this.#strict = new StrictLimits(runner);
    this.#quotas = new QuotaLimits(runner, new Calendar(options.clock));
    this.#places = new SharedPlaces({
      clock: options.clock,
      runner,
      onAnswer: (by) => this.#onAnswer(by),
    });
  }

  /** False while the store is away. */
  get isUp(): boolean {
    return this.#runner.isReady;
  }

  take(check: Check, nowMs: number): Maybe<Taken> {
    if (!isShared(check)) return this.#memory.take(check, nowMs);
    return check.kind === 'place' ? this.#places.take(check) : this.#takeSpent(check, nowMs);
  }

  look(check: SpentCheck, nowMs: number): Maybe<number> {
    return isSharedSpent(check)
      ? this.#lookAtShared(check, nowMs)
      : this.#memory.look(check, nowMs);
  }

  undo(check: Check, taken: Taken): void {
    if (!isShared(check)) return this.#memory.undo(check, taken);
    if (check.kind === 'place') return this.#places.undo(check, taken);
    if (taken.isUncounted === true) return;
    if (isWindow(check)) return this.#windows.undo(check, taken);
    if (taken.local !== undefined) return this.#away.undo(ownShare(check), taken.local);
    if (check.kind === 'quota') return this.#quotas.undo(check, taken);
    // The token is lost until it would have come back.
    this.#strict.undo(check).catch(ignore);
  }

  async #takeSpent(check: SharedSpentCheck, nowMs: number): Promise<Taken> {
    try {
      const taken = await this.#ask(check);
      this.#onAnswer(taken.local === undefined ? 'store' : 'local-share');
      return taken;
    } catch {
      return this.#takeAway(check, nowMs);
    }
  }

  async #lookAtShared(check: SharedSpentCheck, nowMs: number): Promise<number> {
    try {
      if (check.kind === 'quota') return await this.#quotas.look(check);
      return isWindow(check) ? await this.#windows.look(check) : await this.#strict.look(check);
    } catch {
      const { whenDown } = check.shared;
      if (whenDown === 'local-share') return this.#away.look(ownShare(check), nowMs);
      return whenDown === 'open' ? atMost(check) : 0;
    }
  }

  #ask(check: SharedSpentCheck): Promise<Taken> {
    if (check.kind === 'quota') return this.#quotas.take(check);
    return isWindow(check) ? this.#windows.take(check) : this.#strict.take(check);
  }

  #takeAway(check: SharedSpentCheck, nowMs: number): Taken {
    const { whenDown } = check.shared;
    this.#onAnswer(whenDown);
    if (whenDown === 'open') return { ...UNCOUNTED, isAdmitted: true, remaining: atMost(check) };
    if (whenDown === 'closed')
      return { ...UNCOUNTED, isAdmitted: false, remaining: 0, isAway: true };
    const local = this.#away.take(ownShare(check), nowMs);
    return { ...local, slot: 0, local };
  }
}

const UNCOUNTED = { waitMs: 0, slot: 0, isUncounted: true } as const;

function isShared(check: Check): check is SharedCheck {
  return check.shared !== undefined;
}

function isSharedSpent(check: SpentCheck): check is SharedSpentCheck {
  return check.shared !== undefined;
}

type WindowCheck = RateCheck & { readonly shared: SharedRate & { readonly algorithm: 'window' } };

function isWindow(check: SharedSpentCheck): check is WindowCheck {
  return check.kind === 'rate' && check.shared.algorithm === 'window';
}

function ownShare(check: SharedSpentCheck): SpentCheck {
  if (check.kind === 'quota') return { ...check, amount: check.shared.share };
  return { ...check, shape: check.shared.share };
}

function atMost(check: SharedSpentCheck): number {
  return check.kind === 'quota' ? check.amount : check.shape.capacity;
}

function ignore(): void {}
