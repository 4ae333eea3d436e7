/** A browser that leaves a page cancels its pictures at once: a hundred is honest, a thousand is not. */
const BURST = 100;
const PER_SECOND = 10;

/** Resets a connection may cause, whoever sends them: a bucket that refills lazily. */
export class ResetBudget {
  #left = BURST;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** False: the connection is to be ended. */
  spend(nowMs: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((nowMs - this.#atMs) / 1_000) * PER_SECOND);
    this.#atMs = nowMs;
    this.#left -= 1;
    return this.#left >= 0;
  }
}
