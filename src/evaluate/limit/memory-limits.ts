import { BucketTable } from './bucket-table.ts';
import type { Check } from '../../policy/snapshot/snapshot.ts';
import type { LimitStore, Taken } from './limit-store.ts';
import { Semaphore } from './semaphore.ts';

/** The limits of one process: buckets and places in its own memory. Answers in the same turn. */
export class MemoryLimits implements LimitStore {
  readonly #buckets: BucketTable;
  readonly #places = new Semaphore();

  constructor(maxKeys?: number) {
    this.#buckets = new BucketTable(maxKeys);
  }

  take(check: Check, nowMs: number): Taken {
    if (check.kind === 'rate') return this.#buckets.take(check, nowMs);
    const { key, most } = check;
    const isAdmitted = this.#places.tryEnter(key, most);
    return { isAdmitted, remaining: most - this.#places.inFlight(key), waitMs: 0, slot: 0 };
  }

  undo(check: Check, { slot }: Taken): void {
    if (check.kind === 'rate') this.#buckets.giveBack(check, slot);
    else this.#places.release(check.key);
  }
}
