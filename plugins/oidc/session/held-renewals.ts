import { generationOf } from './session-data.ts';
import type { SessionData } from './session-data.ts';
import type { Outcome } from './token-renewal.ts';

/** A token request of this process, under way or answered, whose outcome the store does not have yet. */
export interface HeldRenewal {
  readonly outcome: Promise<Outcome>;
  readonly sentAtMs: number;
}

/** As many as single flights at a time; beyond, the oldest is given up, and its session logs in anew. */
const MAX_HELD = 1000;

/** The requests that no other run may repeat, by the tokens that they were sent with. */
export class HeldRenewals {
  readonly #held = new Map<string, HeldRenewal>();

  get(data: SessionData): HeldRenewal | undefined {
    return this.#held.get(generationOf(data));
  }

  add(data: SessionData, renewal: HeldRenewal): HeldRenewal {
    const [oldest] = this.#held.keys();
    if (oldest !== undefined && this.#held.size >= MAX_HELD) this.#held.delete(oldest);
    this.#held.set(generationOf(data), renewal);
    return renewal;
  }

  delete(data: SessionData): void {
    this.#held.delete(generationOf(data));
  }
}
