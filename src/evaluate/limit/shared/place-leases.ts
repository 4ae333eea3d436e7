import type { Clock, Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { OwnPlaces } from './own-places.ts';
import { PLACES_SCRIPT } from './place-scripts.ts';
import type { PlaceAction } from './place-scripts.ts';
import type { ScriptRunner } from './script-runner.ts';

export interface PlaceLeasesParts {
  readonly clock: Clock;
  readonly runner: ScriptRunner;
  /** What the members of this process begin with in the store: of no other process, also none before. */
  readonly replica: string;
  /** What is renewed. */
  readonly own: OwnPlaces;
}

const RENEW_EVERY_MS = DEADLINES.placeLeaseMs / 3;
/** Keys asked in one turn: a renewal of many must not stand in the way of requests. */
const KEYS_A_BATCH = 100;
/** Members in one script: it holds up the whole server while it runs. */
const MEMBERS_A_SCRIPT = 500;
/** Releases kept for the time that the store is away. What is beyond ends by itself within a lease. */
const MAX_UNTOLD = 10_000;

/** The leases of one process in the store: taken, renewed while they are held, given up. */
export class PlaceLeases {
  readonly #parts: PlaceLeasesParts;
  /** Members to remove that the store has not heard of. */
  #untold: [key: string, place: number][] = [];
  #timer: Timer | undefined;
  #isRenewing = false;
  #isWantedAgain = false;

  constructor(parts: PlaceLeasesParts) {
    this.#parts = parts;
  }

  /** Places left after this one; undefined: none was free. Rejects when the store is away: then it may have given it. */
  async take(key: string, place: number, most: number): Promise<number | undefined> {
    const answer = await this.#run('take', key, [this.#member(place)], most);
    const [admitted, free] = answer as readonly [number, number];
    return admitted === 1 ? free : undefined;
  }

  /** Of a place that is not held any more. */
  release(key: string, place: number): void {
    this.#run('leave', key, [this.#member(place)]).catch(() => {
      if (this.#untold.length < MAX_UNTOLD) this.#untold.push([key, place]);
      this.keep();
    });
  }

  /** Something is held, or is to be told: the next renewal must come. */
  keep(): void {
    if (this.#timer === undefined) this.#renewAfter(RENEW_EVERY_MS);
  }

  /** All that is held, in batches. What fails is tried again soon: a store that is away now and then must not lose a lease. */
  renewNow(): void {
    if (this.#parts.own.keyCount === 0 && this.#untold.length === 0) return;
    if (this.#isRenewing) {
      this.#isWantedAgain = true;
      return;
    }
    this.#isRenewing = true;
    void this.#renew().then((isDone) => this.#renewed(isDone));
  }

  #renewed(isDone: boolean): void {
    this.#isRenewing = false;
    const isWanted = this.#isWantedAgain;
    this.#isWantedAgain = false;
    this.#renewAfter(isDone ? RENEW_EVERY_MS : DEADLINES.limitRetryMs);
    if (isWanted) this.renewNow();
  }

  #renewAfter(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.renewNow();
    });
  }

  /** False: the store is away. Never rejects. */
  async #renew(): Promise<boolean> {
    const keys = this.#parts.own.keys();
    for (let i = 0; i < keys.length; i += KEYS_A_BATCH) {
      // Read when it is sent: what was released meanwhile must not come back.
      const calls = keys.slice(i, i + KEYS_A_BATCH).flatMap((key) => this.#renewKey(key));
      const results = await Promise.allSettled(calls);
      if (results.some(({ status }) => status === 'rejected')) return false;
    }
    const untold = this.#untold;
    this.#untold = [];
    for (const [key, place] of untold) this.release(key, place);
    return true;
  }

  #renewKey(key: string): Promise<unknown>[] {
    const members = this.#parts.own.placesOf(key).map((place) => this.#member(place));
    const calls = [];
    for (let i = 0; i < members.length; i += MEMBERS_A_SCRIPT) {
      calls.push(this.#run('renew', key, members.slice(i, i + MEMBERS_A_SCRIPT)));
    }
    return calls;
  }

  #member(place: number): string {
    return `${this.#parts.replica}:${place}`;
  }

  #run(action: PlaceAction, key: string, members: readonly string[], most = 0): Promise<unknown> {
    return this.#parts.runner.run(PLACES_SCRIPT, {
      keys: [key],
      arguments: [action, String(DEADLINES.placeLeaseMs), String(most), ...members],
    });
  }
}
