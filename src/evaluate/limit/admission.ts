import type { LimitLeft } from '../../core/refusal.ts';
import type { Check } from '../../policy/snapshot/snapshot.ts';
import { amountText } from './amount-text.ts';
import type { LimitStore, Taken } from './limit-store.ts';
import type { HeldPlaces } from './permit.ts';
import type { CountedRate } from './rate-limit-fields.ts';

interface Taking {
  readonly check: Check;
  readonly taken: Taken;
}

/** What one request took of a store, so that it can be given back. */
export class Admission implements HeldPlaces {
  readonly #store: LimitStore;
  #takings: Taking[] = [];
  /** Blocks in shadow mode that would refuse: the rest of them is not asked. */
  #passedOver: string[] = [];

  constructor(store: LimitStore) {
    this.#store = store;
  }

  /** Rates and quotas that are enforced and admitted it. */
  get counted(): readonly CountedRate[] {
    return this.#takings.flatMap(({ check, taken }) =>
      check.kind !== 'place' && check.mode === 'enforce' ? countedRate(check, taken) : [],
    );
  }

  /** Every limit that was asked and admitted it, and what it has left. */
  asked(): readonly LimitLeft[] {
    return this.#takings.map(({ check, taken }) => limitLeft(check, taken));
  }

  add(check: Check, taken: Taken): void {
    this.#takings.push({ check, taken });
  }

  /** The place is free for the next request; tokens of a rate are spent. */
  release(): void {
    this.#undo(({ check }) => check.kind === 'place');
  }

  undo(): void {
    this.#undo(() => true);
  }

  isPassedOver({ group }: Check): boolean {
    return this.#passedOver.includes(group);
  }

  /** A block in shadow mode would refuse: what was taken for it is given back, as a refusal would. */
  passOver({ group }: Check): void {
    this.#passedOver.push(group);
    this.#undo(({ check }) => check.group === group);
  }

  #undo(isMeant: (taking: Taking) => boolean): void {
    const kept: Taking[] = [];
    for (const taking of this.#takings) {
      if (isMeant(taking)) this.#store.undo(taking.check, taking.taken);
      else kept.push(taking);
    }
    this.#takings = kept;
  }
}

export function limitLeft(check: Check, { remaining, waitMs }: Taken): LimitLeft {
  return { name: check.name, amount: amountText(check), left: remaining, waitMs };
}

export function countedRate(
  check: Exclude<Check, { readonly kind: 'place' }>,
  { remaining, waitMs, resetMs }: Taken,
): CountedRate {
  const { name } = check;
  if (check.kind === 'quota') {
    const untilMs = resetMs ?? waitMs;
    return { name, amount: check.amount, windowMs: undefined, remaining, untilMs, waitMs };
  }
  const { rate, intervalMs } = check.shape;
  const untilMs = waitMs > 0 ? waitMs : (resetMs ?? intervalMs);
  return { name, amount: rate.amount, windowMs: rate.windowMs, remaining, untilMs, waitMs };
}
