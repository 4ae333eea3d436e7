import type { Clock } from '../../core/clock.ts';
import type { Check, SpentCheck } from '../../policy/snapshot/snapshot.ts';
import { BucketTable } from './bucket-table.ts';
import { Calendar } from './calendar.ts';
import type { LimitStore, Taken } from './limit-store.ts';
import { QuotaTable } from './quota-table.ts';
import { Semaphore } from './semaphore.ts';

/** The limits of one process: buckets, quotas and places in its own memory. Answers in the same turn. */
export class MemoryLimits implements LimitStore {
  readonly #buckets: BucketTable;
  readonly #quotas: QuotaTable;
  readonly #places = new Semaphore();

  constructor(clock: Clock, maxKeys?: number) {
    this.#buckets = new BucketTable(maxKeys);
    this.#quotas = new QuotaTable(new Calendar(clock), maxKeys);
  }

  take(check: Check, nowMs: number): Taken {
    if (check.kind === 'rate') return this.#buckets.take(check, nowMs);
    if (check.kind === 'quota') return this.#quotas.take(check);
    const { key, most } = check;
    const isAdmitted = this.#places.tryEnter(key, most);
    return { isAdmitted, remaining: most - this.#places.inFlight(key), waitMs: 0, slot: 0 };
  }

  look(check: SpentCheck, nowMs: number): number {
    return check.kind === 'rate' ? this.#buckets.look(check, nowMs) : this.#quotas.look(check);
  }

  undo(check: Check, { slot }: Taken): void {
    if (check.kind === 'rate') this.#buckets.giveBack(check, slot);
    else if (check.kind === 'quota') this.#quotas.giveBack(check, slot);
    else this.#places.release(check.key);
  }
}
