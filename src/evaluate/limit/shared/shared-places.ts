import { randomBytes } from 'node:crypto';
import type { PlaceCheck, SharedPlace } from '../../../policy/snapshot/snapshot.ts';
import type { Taken } from '../limit-store.ts';
import { OwnPlaces } from './own-places.ts';
import { PlaceLeases } from './place-leases.ts';
import type { PlaceLeasesParts } from './place-leases.ts';
import { sharedKey } from './shared-key.ts';

export type SharedPlaceCheck = PlaceCheck & { readonly shared: SharedPlace };

export interface SharedPlacesParts extends Pick<PlaceLeasesParts, 'clock' | 'runner'> {
  /** Told who answered each check. */
  readonly onAnswer: (by: 'store' | SharedPlace['whenDown']) => void;
}

/**
 * Places that replicas count together. Each is a lease in the store, which ends by itself when its replica dies. The number
 * holds exactly while no lease of a living replica ends, so as long as the store is not away for most of a lease.
 */
export class SharedPlaces {
  readonly #onAnswer: SharedPlacesParts['onAnswer'];
  readonly #own = new OwnPlaces();
  readonly #leases: PlaceLeases;
  #lastPlace = 0;

  constructor({ clock, runner, onAnswer }: SharedPlacesParts) {
    this.#onAnswer = onAnswer;
    // A process that is started again must not be taken for the one that was killed.
    const replica = randomBytes(9).toString('base64url');
    this.#leases = new PlaceLeases({ clock, runner, replica, own: this.#own });
  }

  async take(check: SharedPlaceCheck): Promise<Taken> {
    const key = sharedKey('places', check.key);
    // Whatever the store has forgotten, this process alone never lets in more.
    if (this.#own.countOf(key) >= check.most) return FULL;
    this.#lastPlace += 1;
    const place = this.#lastPlace;
    const asked = this.#leases.take(key, place, check.most);
    let free: number | undefined;
    try {
      free = await asked;
    } catch {
      return this.#takeAway(check, key, place);
    }
    this.#onAnswer('store');
    if (free === undefined) return FULL;
    if (this.#own.countOf(key) >= check.most) {
      this.#leases.release(key, place);
      return FULL;
    }
    this.#hold(key, place);
    return { isAdmitted: true, remaining: free, waitMs: 0, slot: place };
  }

  /** Once for each admitted `take`, whoever admitted it. */
  undo(check: SharedPlaceCheck, { slot }: Taken): void {
    const key = sharedKey('places', check.key);
    if (this.#own.remove(key, slot)) this.#leases.release(key, slot);
  }

  /** The store answers again: what it may have forgotten is put back. */
  putBack(): void {
    this.#leases.renewNow();
  }

  /** Places that the store gave count here, too, so the share is of all that this process holds. */
  #takeAway({ shared, most }: SharedPlaceCheck, key: string, place: number): Taken {
    this.#onAnswer(shared.whenDown);
    const held = this.#own.countOf(key);
    const ceiling = shared.whenDown === 'local-share' ? shared.share : most;
    const isAdmitted =
      shared.whenDown === 'open' || (shared.whenDown !== 'closed' && held < ceiling);
    if (isAdmitted) {
      this.#hold(key, place);
      return { isAdmitted, remaining: Math.max(0, ceiling - held - 1), waitMs: 0, slot: place };
    }
    // It is not known whether the store gave it.
    this.#leases.release(key, place);
    return shared.whenDown === 'closed' ? { ...FULL, isAway: true } : FULL;
  }

  #hold(key: string, place: number): void {
    this.#own.add(key, place);
    this.#leases.keep();
  }
}

const FULL: Taken = { isAdmitted: false, remaining: 0, waitMs: 0, slot: 0 };
