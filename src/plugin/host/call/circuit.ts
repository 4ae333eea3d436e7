import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';

/** Five: fewer and one bad deployment of an issuer trips it, more and every client waits out a timeout. */
const FAILURES_TO_OPEN = 5;

/** Opens after five failures within ten seconds, for five seconds; then counts anew. */
export class Circuit {
  readonly #clock: Clock;
  #failures: number[] = [];
  #openUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#clock.monotonicMs() < this.#openUntil;
  }

  /** True when this failure opened the circuit. */
  failed(): boolean {
    const now = this.#clock.monotonicMs();
    const recent = this.#failures.filter((at) => now - at < DEADLINES.pluginCircuitWindowMs);
    this.#failures = [...recent, now];
    if (this.#failures.length < FAILURES_TO_OPEN) return false;
    this.#failures = [];
    this.#openUntil = now + DEADLINES.pluginCircuitOpenMs;
    return true;
  }
}
