import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '../core/clock.ts';
import { DEADLINES } from '../core/deadlines.ts';
import type { KeyValueStore } from './key-value-store.ts';

/** Sole right to a key among all replicas, renewed while held; lost when renewing fails. */
export class Lease {
  readonly #store: KeyValueStore;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #holder = randomBytes(16).toString('base64url');
  readonly #onLost: () => void;
  #timer: Timer | undefined;
  #isReleased = false;

  private constructor(parts: LeaseParts, key: string, onLost: () => void) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#key = `lease:${key}`;
    this.#onLost = onLost;
  }

  /** Undefined: somebody else holds it. Rejects when the store is away. */
  static async take(
    parts: LeaseParts,
    key: string,
    onLost: () => void,
  ): Promise<Lease | undefined> {
    const lease = new Lease(parts, key, onLost);
    const options = { ttlMs: DEADLINES.leaseMs, ifAbsent: true };
    if (!(await parts.store.set(lease.#key, lease.#holder, options))) return undefined;
    lease.#arm();
    return lease;
  }

  /** Lets others have it. Never rejects: a lease that cannot be given back ends by itself. */
  async release(): Promise<void> {
    this.#isReleased = true;
    this.#timer?.cancel();
    try {
      await this.#store.delete(this.#key, this.#holder);
    } catch {
      // It ends within `leaseMs`.
    }
  }

  #arm(): void {
    this.#timer = this.#clock.after(DEADLINES.leaseRenewMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const isHeld = await this.#extend();
    if (this.#isReleased) return;
    if (isHeld) this.#arm();
    else this.#onLost();
  }

  async #extend(): Promise<boolean> {
    const change = {
      expected: this.#holder,
      value: this.#holder,
      ttlMs: DEADLINES.leaseMs,
    };
    try {
      return await this.#store.compareAndSet(this.#key, change);
    } catch {
      return false;
    }
  }
}

export interface LeaseParts {
  readonly store: KeyValueStore;
  readonly clock: Clock;
}
