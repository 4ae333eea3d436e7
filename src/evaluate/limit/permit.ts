import type { HeaderList } from '../../core/header-list.ts';
import type { LimitLeft } from '../../core/refusal.ts';
import { rateLimitFields } from './rate-limit-fields.ts';
import type { CountedRate } from './rate-limit-fields.ts';

/** Places in flight that one request took. */
export interface HeldPlaces {
  release(): void;
  /** Every limit that was asked, and what it has left; of places none once they are released. */
  asked(): readonly LimitLeft[];
}

/**
 * Permission to be forwarded. Held until the last octet of the response is sent or the stream closes; then
 * disposed, which gives its places in flight back. Disposing twice does nothing more.
 */
export class Permit implements Disposable {
  readonly kind = 'permit';
  readonly #counted: readonly CountedRate[];
  #held: HeldPlaces | undefined;

  constructor(counted: readonly CountedRate[], held: HeldPlaces) {
    this.#counted = counted;
    this.#held = held;
  }

  /** `RateLimit` and `RateLimit-Policy` for the response; empty when no rate applied or switched off. */
  get fields(): HeaderList {
    return rateLimitFields(this.#counted);
  }

  /** For the decision record, before the permit is given back; empty after. */
  get limits(): readonly LimitLeft[] {
    return this.#held?.asked() ?? [];
  }

  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = undefined;
    held?.release();
  }
}
