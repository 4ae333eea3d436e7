import type { RateCheck } from '../../../policy/snapshot/snapshot.ts';
import type { Taken } from '../limit-store.ts';
import type { ScriptRunner } from './script-runner.ts';
import { STRICT_SCRIPT } from './scripts.ts';
import { sharedKey } from './shared-key.ts';

/** Rates by the generic cell rate algorithm in the shared store: no window, so no edge of one. */
export class StrictLimits {
  readonly #runner: ScriptRunner;

  constructor(runner: ScriptRunner) {
    this.#runner = runner;
  }

  /** Rejects when the store is away. */
  async take(check: RateCheck): Promise<Taken> {
    const answer = await this.#run(check, 1);
    const [admitted, remaining, waitMs] = answer as readonly [number, number, number];
    return { isAdmitted: admitted === 1, remaining, waitMs, slot: 0 };
  }

  /** Whole tokens left. Rejects when the store is away. */
  async look(check: RateCheck): Promise<number> {
    const [, remaining] = (await this.#run(check, 0)) as readonly [number, number, number];
    return Math.max(0, remaining);
  }

  /** Rejects when the store is away: the token is lost then, until it would have come back. */
  async undo(check: RateCheck): Promise<void> {
    await this.#run(check, -1);
  }

  #run({ key, shape }: RateCheck, change: number): Promise<unknown> {
    return this.#runner.run(STRICT_SCRIPT, {
      keys: [sharedKey('strict', key)],
      arguments: [String(change), String(shape.intervalMs * 1000), String(shape.capacity)],
    });
  }
}
