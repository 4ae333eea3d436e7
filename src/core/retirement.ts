import type { Clock, Timer } from './clock.ts';

/** Something in use that was replaced. */
export interface Retiree {
  /** Takes nothing new, and calls `over` when its last use has ended, which may be at once. Called at most once. */
  retire(over: () => void): void;
  /** Ends what is left of it. Idempotent; never rejects. */
  close(): Promise<void>;
}

export interface RetirementOptions {
  /** Needed for the two times. */
  readonly clock?: Pick<Clock, 'after'>;
  /** Closed after so long, whatever still uses it. Left out: it may take as long as it likes. */
  readonly limitMs?: number;
  /** So long it is left alone first, for users that found it before and have yet to call. Default 0. */
  readonly graceMs?: number;
  /** With more than so many, the oldest is closed. Left out: no ceiling. */
  readonly most?: number;
  /** The oldest was closed because of `most`. */
  readonly onCrowded?: () => void;
}

interface Stage {
  readonly timers: Timer[];
  closing: Promise<void> | undefined;
}

/**
 * What was replaced, from then until it is closed: it takes nothing new, waits for its last use, is closed within a
 * limit, and is forgotten. Nothing here looks again and again: each thing says when it is over.
 */
export class Retirement<Thing extends Retiree> {
  readonly #options: RetirementOptions;
  /** In the order in which they were replaced. Reloads are rare, so a Map may be used (docs/decisions/0006-rosters.md). */
  readonly #stages = new Map<Thing, Stage>();

  constructor(options: RetirementOptions = {}) {
    this.#options = options;
  }

  /** Those that are not closed yet. */
  get things(): readonly Thing[] {
    return [...this.#stages.keys()];
  }

  /** Idempotent. */
  retire(thing: Thing): void {
    if (this.#stages.has(thing)) return;
    const stage: Stage = { timers: [], closing: undefined };
    this.#stages.set(thing, stage);
    this.#makeRoom();
    if (stage.closing !== undefined) return;
    const { graceMs = 0, limitMs } = this.#options;
    const wait = () => thing.retire(() => void this.close(thing));
    this.#after(stage, limitMs, () => void this.close(thing));
    if (graceMs > 0) this.#after(stage, graceMs, wait);
    else wait();
  }

  /** Closes one now, be it retired before or not. */
  close(thing: Thing): Promise<void> {
    const stage = this.#stages.get(thing) ?? { timers: [], closing: undefined };
    this.#stages.set(thing, stage);
    for (const timer of stage.timers) timer.cancel();
    stage.closing ??= thing.close().then(() => void this.#stages.delete(thing));
    return stage.closing;
  }

  /** Closes all now; resolves when none is left. */
  async closeAll(): Promise<void> {
    await Promise.all(this.things.map((thing) => this.close(thing)));
  }

  #makeRoom(): void {
    const { most, onCrowded } = this.#options;
    if (most === undefined) return;
    const waiting = [...this.#stages].filter(([, { closing }]) => closing === undefined);
    if (waiting.length <= most) return;
    onCrowded?.();
    void this.close(waiting[0]![0]);
  }

  #after(stage: Stage, delayMs: number | undefined, action: () => void): void {
    if (delayMs !== undefined) stage.timers.push(this.#options.clock!.after(delayMs, action));
  }
}
