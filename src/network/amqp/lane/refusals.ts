import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';

/** So many in a row, and nothing opened between: no place that is held turns the router any more. */
const MOST_IN_A_ROW = 32;

interface Refused {
  atMs: number;
  inARow: number;
}

/** What one connection knows of openings that came back, by routing key; the policy bounds the keys. */
export class Refusals {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #refused = new Map<string, Refused>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  refused(routingKey: string): void {
    const known = this.#refused.get(routingKey);
    const atMs = this.#clock.monotonicMs();
    if (known === undefined) this.#refused.set(routingKey, { atMs, inARow: 1 });
    else [known.atMs, known.inARow] = [atMs, known.inARow + 1];
  }

  /** A lane opened: there is a consumer that works, whatever the others do. */
  reached(routingKey: string): void {
    if (this.#refused.size === 0) return;
    const known = this.#refused.get(routingKey);
    if (known !== undefined) known.inARow = 0;
  }

  /** One came back within `DEADLINES.laneRefusedMs`. */
  isRecent(routingKey: string): boolean {
    const known = this.#refused.get(routingKey);
    if (known === undefined) return false;
    return this.#clock.monotonicMs() - known.atMs < DEADLINES.laneRefusedMs;
  }

  /** Trying again here may lead to another consumer. */
  mayTurn(routingKey: string): boolean {
    return (this.#refused.get(routingKey)?.inARow ?? 0) < MOST_IN_A_ROW;
  }
}
