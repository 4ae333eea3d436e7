/** A retry per ten requests at most (R-53, policy-language.md 8) … */
const EARNED_PER_REQUEST = 0.1;
/** … of which this many can be saved up, so a service used once an hour has its retry too. */
const SAVED_AT_MOST = 10;

/** Keeps retries below a tenth of the requests of one service, so they cannot multiply an overload. */
export class RetryBudget {
  #available = SAVED_AT_MOST;

  requestStarted(): void {
    this.#available = Math.min(SAVED_AT_MOST, this.#available + EARNED_PER_REQUEST);
  }

  /** True and spent, or false. */
  take(): boolean {
    if (this.#available < 1) return false;
    this.#available -= 1;
    return true;
  }
}
