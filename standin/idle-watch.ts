import type { Clock, Timer } from '../src/core/clock.ts';

export interface IdleWatchParts {
  readonly clock: Clock;
  /** Silence of the client after which `expired` is called once. */
  readonly limitMs: number;
  readonly expired: () => void;
  /** Sends an empty frame. */
  readonly keepAlive: () => void;
}

/** The two idle times of a connection (AMQP 2.4.5): what the client owes us, and what we owe it. */
export class IdleWatch {
  readonly #parts: IdleWatchParts;
  #silence: Timer | undefined;
  #beat: Timer | undefined;
  #lastReceivedMs: number;
  #lastSentMs: number;

  constructor(parts: IdleWatchParts) {
    this.#parts = parts;
    this.#lastReceivedMs = parts.clock.monotonicMs();
    this.#lastSentMs = this.#lastReceivedMs;
    this.#watch();
  }

  received(): void {
    this.#lastReceivedMs = this.#parts.clock.monotonicMs();
  }

  sent(): void {
    this.#lastSentMs = this.#parts.clock.monotonicMs();
  }

  /** Sends a keepalive when nothing else was sent for half of what the client bears. */
  beat(idleTimeOutMs: number): void {
    this.#beat = this.#parts.clock.after(idleTimeOutMs / 2, () => {
      const quietMs = this.#parts.clock.monotonicMs() - this.#lastSentMs;
      if (quietMs >= idleTimeOutMs / 4) this.#parts.keepAlive();
      this.beat(idleTimeOutMs);
    });
  }

  stop(): void {
    this.#silence?.cancel();
    this.#beat?.cancel();
  }

  #watch(): void {
    const { clock, limitMs, expired } = this.#parts;
    const silenceMs = clock.monotonicMs() - this.#lastReceivedMs;
    if (silenceMs >= limitMs) return expired();
    // One timer for the connection, not one for each frame: it looks again when it could be due.
    this.#silence = clock.after(limitMs - silenceMs, () => this.#watch());
  }
}
