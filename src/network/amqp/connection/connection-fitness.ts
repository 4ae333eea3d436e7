import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';

/** Openings in a row without an answer before the connection is doubted (router-stream-protocol.md 2). */
const TIMEOUTS_TO_DOUBT = 2;

/**
 * Whether new lanes should go elsewhere. After two openings in a row without an answer the router may
 * be stopped; within twice our idle-time-out keepalive knows, so the doubt does not last longer.
 */
export class ConnectionFitness {
  readonly #clock: Clock;
  readonly #onDoubt: () => void;
  #timeouts = 0;
  #doubtedUntilMs = Number.NEGATIVE_INFINITY;

  /** `onDoubt` is called when the doubt begins or is raised anew. */
  constructor(clock: Clock, onDoubt: () => void) {
    this.#clock = clock;
    this.#onDoubt = onDoubt;
  }

  get isFit(): boolean {
    return this.#clock.monotonicMs() >= this.#doubtedUntilMs;
  }

  opened(): void {
    this.#timeouts = 0;
    this.#doubtedUntilMs = Number.NEGATIVE_INFINITY;
  }

  timedOut(): void {
    this.#timeouts += 1;
    if (this.#timeouts < TIMEOUTS_TO_DOUBT) return;
    this.doubt();
  }

  /** The router was silent for longer than it promised, or left openings unanswered. */
  doubt(): void {
    this.#timeouts = 0;
    this.#doubtedUntilMs = this.#clock.monotonicMs() + 2 * DEADLINES.routerIdleMs;
    this.#onDoubt();
  }
}
