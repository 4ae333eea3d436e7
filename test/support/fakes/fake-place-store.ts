import type { Clock } from '../../../src/core/clock.ts';
import { PLACES_SCRIPT } from '../../../src/evaluate/limit/shared/place-scripts.ts';
import type {
  Script,
  ScriptCall,
  ScriptRunner,
} from '../../../src/evaluate/limit/shared/script-runner.ts';

/** What becomes of a call: `lost` never runs, of one that is `unheard` only the answer is lost. */
export type Fate = 'answered' | 'lost' | 'unheard';

/** Places as the scripts keep them in Redis, without Redis. Shared by replicas. */
export class FakePlaceStore {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #sets = new Map<string, Map<string, number>>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** One replica's way to it. */
  runner(): FakePlaceRunner {
    return new FakePlaceRunner((script, call) => this.#run(script, call));
  }

  /** Members under all keys whose lease has not ended. */
  get heldCount(): number {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#sets.values()].flatMap((set) => [...set.values()]).filter((end) => end > nowMs)
      .length;
  }

  #run(
    script: Script,
    { keys, arguments: [action, lease, most, ...members] }: ScriptCall,
  ): unknown {
    const set = this.#sets.get(keys[0]!) ?? new Map<string, number>();
    this.#sets.set(keys[0]!, set);
    const nowMs = this.#clock.monotonicMs();
    const ends = nowMs + Number(lease);
    if (script !== PLACES_SCRIPT) throw new Error('no script of places');
    if (action === 'leave') return members.forEach((member) => set.delete(member));
    if (action === 'take') {
      for (const [member, end] of set) if (end <= nowMs) set.delete(member);
      if (set.size >= Number(most)) return [0, 0];
    }
    for (const member of members) set.set(member, ends);
    return [1, Number(most) - set.size];
  }
}

export class FakePlaceRunner implements ScriptRunner {
  readonly isReady = true;
  fate: Fate = 'answered';
  readonly #run: (script: Script, call: ScriptCall) => unknown;

  constructor(run: (script: Script, call: ScriptCall) => unknown) {
    this.#run = run;
  }

  async run(script: Script, call: ScriptCall): Promise<unknown> {
    if (this.fate === 'lost') throw new Error('lost');
    const answer = this.#run(script, call);
    if (this.fate === 'unheard') throw new Error('unheard');
    return answer;
  }
}
