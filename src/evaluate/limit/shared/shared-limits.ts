import type { Maybe } from '../../../core/maybe.ts';
import type { Check, RateCheck, SharedRate } from '../../../policy/snapshot/snapshot.ts';
import type { LimitStore, Taken } from '../limit-store.ts';
import { MemoryLimits } from '../memory-limits.ts';
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
type SharedCheck = SharedRateCheck | SharedPlaceCheck;

/**
 * Limits that replicas share, beside those of this process alone. A store that is away is asked once a
 * pause; until it answers each rule counts by itself, lets everybody in, or nobody.
 */
export class SharedLimits implements LimitStore {
  readonly #onAnswer: (by: AnsweredBy) => void;
  readonly #memory = new MemoryLimits();
  /** For the time that the store is away: apart, so that no token is counted in both. */
  readonly #away = new MemoryLimits();
  readonly #runner: ScriptRunner;
  readonly #windows: WindowLimits;
  readonly #strict: StrictLimits;
  readonly #places: SharedPlaces;

  constructor(options: SharedLimitsOptions) {
    this.#onAnswer = options.onAnswer ?? ignore;
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
    return check.kind === 'place' ? this.#places.take(check) : this.#takeRate(check, nowMs);
  }

  undo(check: Check, taken: Taken): void {
    if (!isShared(check)) return this.#memory.undo(check, taken);
    if (check.kind === 'place') return this.#places.undo(check, taken);
    if (taken.isUncounted === true) return;
    if (check.shared.algorithm === 'window') return this.#windows.undo(check, taken);
    if (taken.local !== undefined) return this.#away.undo(ownShare(check), taken.local);
    // The token is lost until it would have come back.
    this.#strict.undo(check).catch(ignore);
  }

  async #takeRate(check: SharedRateCheck, nowMs: number): Promise<Taken> {
    try {
      const taken =
        check.shared.algorithm === 'window'
          ? await this.#windows.take(check)
          : await this.#strict.take(check);
      this.#onAnswer(taken.local === undefined ? 'store' : 'local-share');
      return taken;
    } catch {
      return this.#takeAway(check, nowMs);
    }
  }

  #takeAway(check: SharedRateCheck, nowMs: number): Taken {
    const { whenDown } = check.shared;
    this.#onAnswer(whenDown);
    if (whenDown === 'open')
      return { ...UNCOUNTED, isAdmitted: true, remaining: check.shape.capacity };
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

function ownShare(check: SharedRateCheck): RateCheck {
  return { ...check, shape: check.shared.share };
}

function ignore(): void {}
