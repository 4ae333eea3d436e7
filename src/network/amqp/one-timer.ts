import type { Clock, Timer } from '../../core/clock.ts';

/** A timer for one wait at a time: arming it again gives the earlier wait up. */
export class OneTimer {
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  arm(delayMs: number, action: () => void): void {
    this.disarm();
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      action();
    });
  }

  get isArmed(): boolean {
    return this.#timer !== undefined;
  }

  disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
