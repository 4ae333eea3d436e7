import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Taken } from '../../../src/evaluate/limit/limit-store.ts';
import { SharedPlaces } from '../../../src/evaluate/limit/shared/shared-places.ts';
import type { SharedPlaceCheck } from '../../../src/evaluate/limit/shared/shared-places.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakePlaceStore } from '../fakes/fake-place-store.ts';
import type { FakePlaceRunner, Fate } from '../fakes/fake-place-store.ts';

const REPLICAS = 3;
const LEASE_MS = 10_000;
/** From the first call that fails: with a renewal before it, a step, and the retry after it, less than a lease. */
const LONGEST_OUTAGE_MS = 2_000;
/** A renewal has come through by then. */
const RECOVERED_MS = LEASE_MS / 3;

interface Step {
  readonly what: 'take' | 'takeTogether' | 'release' | 'wait' | Fate | 'kill';
  readonly replica: number;
  readonly amount: number;
}

export const placeSteps = (count: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      what: fc.constantFrom(
        ...(['take', 'take', 'take', 'takeTogether', 'release', 'release', 'wait'] as const),
        ...(['answered', 'answered', 'lost', 'unheard', 'kill'] as const),
      ),
      replica: fc.nat(REPLICAS - 1),
      amount: fc.nat(2_000),
    }),
    { minLength: count, maxLength: count, size: 'max' },
  );

interface Replica {
  readonly places: SharedPlaces;
  readonly runner: FakePlaceRunner;
  readonly clock: FakeClock;
  held: Taken[];
  awaySinceMs: number | undefined;
  /** An outage is over when renewals had time to come through. */
  answeredSinceMs: number | undefined;
}

/**
 * Replicas over one store, calls of which are lost, or run and are not heard of. No outage, nor several with less than a
 * renewal between them, lasts as long as a lease: beyond that the number is not promised. Throws when more hold a place than may.
 */
export class PlacesModel {
  readonly #time = new FakeClock(0);
  readonly #store = new FakePlaceStore(this.#time);
  readonly #check: SharedPlaceCheck;
  readonly #replicas: Replica[];

  constructor(most: number) {
    this.#check = checkOf(most);
    this.#replicas = Array.from({ length: REPLICAS }, () => this.#start());
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#step(step);
      this.#judge();
    }
    await this.#endWell();
  }

  async #step({ what, replica: index, amount }: Step): Promise<void> {
    const replica = this.#replicas[index]!;
    if (what === 'take') return this.#take(replica);
    if (what === 'takeTogether') {
      await Promise.all([...this.#replicas, replica].map((each) => this.#take(each)));
    } else if (what === 'release') this.#release(replica, amount);
    else if (what === 'wait') await this.#wait(amount);
    else if (what === 'kill') this.#kill(index);
    else this.#setFate(replica, what);
  }

  #start(): Replica {
    const clock = new FakeClock(0);
    const runner = this.#store.runner();
    const places = new SharedPlaces({ clock, runner, onAnswer: () => {} });
    return { places, runner, clock, held: [], awaySinceMs: undefined, answeredSinceMs: undefined };
  }

  async #take({ places, held }: Replica): Promise<void> {
    const taken = await places.take(this.#check);
    if (!taken.isAdmitted) return;
    held.push(taken);
  }

  #release({ places, held }: Replica, amount: number): void {
    const [taken] = held.splice(amount % Math.max(1, held.length), 1);
    if (taken !== undefined) places.undo(this.#check, taken);
  }

  /** What is due runs, and the calls that it makes. */
  async #wait(ms: number): Promise<void> {
    this.#time.advance(ms);
    for (const replica of this.#replicas) {
      this.#boundOutage(replica);
      replica.clock.advance(ms);
    }
    // Nothing here waits for the network, so all calls are over when the microtasks are.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #kill(index: number): void {
    this.#replicas[index] = this.#start();
  }

  #setFate(replica: Replica, fate: Fate): void {
    const nowMs = this.#time.monotonicMs();
    if (fate !== 'answered' && this.#isLongAway(replica)) return;
    replica.runner.fate = fate;
    if (fate !== 'answered') replica.awaySinceMs ??= nowMs;
    replica.answeredSinceMs = fate === 'answered' ? (replica.answeredSinceMs ?? nowMs) : undefined;
  }

  #isLongAway({ awaySinceMs }: Replica): boolean {
    return awaySinceMs !== undefined && this.#time.monotonicMs() - awaySinceMs > LONGEST_OUTAGE_MS;
  }

  #boundOutage(replica: Replica): void {
    const { answeredSinceMs } = replica;
    if (this.#isLongAway(replica)) this.#setFate(replica, 'answered');
    if (answeredSinceMs === undefined) return;
    if (this.#time.monotonicMs() - answeredSinceMs > RECOVERED_MS) replica.awaySinceMs = undefined;
  }

  #judge(): void {
    const held = this.#heldCount();
    assert.ok(held <= this.#check.most, `${held} hold a place, ${this.#check.most} may`);
  }

  /** When all is well for one lease, the store holds what replicas hold and not one more. */
  async #endWell(): Promise<void> {
    for (const replica of this.#replicas) this.#setFate(replica, 'answered');
    for (let ms = 0; ms <= LEASE_MS; ms += LEASE_MS / 10) {
      await this.#wait(LEASE_MS / 10);
      this.#judge();
    }
    assert.equal(this.#store.heldCount, this.#heldCount());
  }

  #heldCount(): number {
    return this.#replicas.reduce((sum, { held }) => sum + held.length, 0);
  }
}

function checkOf(most: number): SharedPlaceCheck {
  return {
    kind: 'place',
    name: 'tiers.free.concurrent',
    group: 'tiers.free',
    mode: 'enforce',
    ruleKey: 'free',
    key: '6:tenant4:acme',
    most,
    // Whoever counts by itself while the store is away may exceed the number: that is what local-share says.
    shared: { whenDown: 'closed', share: 0 },
  };
}
