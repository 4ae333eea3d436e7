import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { Script, ScriptCall, ScriptRunner } from './script-runner.ts';

export interface WatchedRunnerOptions {
  readonly clock: Clock;
  readonly runner: ScriptRunner;
  /** Told when the store is away, and when it answers again. `why` is in operators' words. */
  readonly onChange: (isUp: boolean, why: string) => void;
}

/**
 * A store that is asked only while that is worth it. After a failure nobody waits for it any more, but one call in
 * `limitRetryMs`: so no request waits longer than one call, and a store that comes back meets no herd.
 */
export class WatchedRunner implements ScriptRunner {
  readonly #options: WatchedRunnerOptions;
  #isUp = true;
  #tryAgainAtMs = 0;

  constructor(options: WatchedRunnerOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#isUp;
  }

  async run(script: Script, call: ScriptCall): Promise<unknown> {
    if (!this.#mayAsk()) throw AWAY;
    try {
      const answer = await this.#options.runner.run(script, call);
      this.#answered();
      return answer;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  /** Of the calls that come while the store is away, one is let through for each pause. */
  #mayAsk(): boolean {
    if (this.#isUp) return true;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs < this.#tryAgainAtMs) return false;
    this.#pause(nowMs);
    return true;
  }

  #answered(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#options.onChange(true, 'it answers again');
  }

  #failed(error: unknown): void {
    this.#pause(this.#options.clock.monotonicMs());
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#options.onChange(false, error instanceof Error ? error.message : String(error));
  }

  /** Not all replicas at the same moment. */
  #pause(nowMs: number): void {
    this.#tryAgainAtMs = nowMs + DEADLINES.limitRetryMs * (0.5 + Math.random() / 2);
  }
}

/** Thrown for each request while the store is away, so it is made once. */
const AWAY = new Error('the store of limits is away');
