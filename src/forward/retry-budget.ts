/** What was not spent is saved up to this many, so a service used once an hour has its retry too. */
const SAVED_AT_MOST = 10;

/** Keeps retries below a part of the requests of one service, so they cannot multiply an overload. */
export class RetryBudget {
  #available = SAVED_AT_MOST;

  /** `ratio`: how much of a retry each request earns. */
  requestStarted(ratio: number): void {
    this.#available = Math.min(SAVED_AT_MOST, this.#available + ratio);
  }

  /** True and spent, or false. */
  take(): boolean {
    if (this.#available < 1) return false;
    this.#available -= 1;
    return true;
  }
}
