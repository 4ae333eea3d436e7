import type { Clock, Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';

/** A router that asks for more frames than ten a second gets ten a second. */
const SHORTEST_TICK_MS = 100;

export interface KeepaliveOptions {
  readonly clock: Clock;
  /** What the router announced; undefined or 0: it does not mind silence. */
  readonly remoteIdleMs: number | undefined;
  /** Grows with each socket write. */
  readonly writes: () => number;
  readonly sendEmpty: () => void;
  /** Nothing arrived for our own idle-time-out, within which the router promised a frame. */
  readonly silent: () => void;
  /** Nothing arrived for twice our own idle-time-out. */
  readonly dead: () => void;
}

/** Keepalive both ways (AMQP 2.4.5, router-stream-protocol.md 2). */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  #lastReceivedMs: number;
  #writesSeen = -1;
  #sending: Timer | undefined;
  #watching: Timer | undefined;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
    this.#lastReceivedMs = options.clock.monotonicMs();
    this.#watch(DEADLINES.routerIdleMs);
    if (options.remoteIdleMs !== undefined && options.remoteIdleMs > 0) this.#scheduleSend();
  }

  /** Anything arrived. */
  received(): void {
    this.#lastReceivedMs = this.#options.clock.monotonicMs();
  }

  /** When anything last arrived, on the clock's monotonic scale. */
  get heardAtMs(): number {
    return this.#lastReceivedMs;
  }

  stop(): void {
    this.#sending?.cancel();
    this.#watching?.cancel();
  }

  #watch(delayMs: number): void {
    this.#watching = this.#options.clock.after(delayMs, () => {
      const silentMs = this.#options.clock.monotonicMs() - this.#lastReceivedMs;
      if (silentMs >= 2 * DEADLINES.routerIdleMs) return this.#options.dead();
      const isSilent = silentMs >= DEADLINES.routerIdleMs;
      if (isSilent) this.#options.silent();
      this.#watch(DEADLINES.routerIdleMs * (isSilent ? 2 : 1) - silentMs);
    });
  }

  /** Looks four times per announced period, so that silence never lasts longer than half of it. */
  #scheduleSend(): void {
    const tickMs = Math.max(SHORTEST_TICK_MS, this.#options.remoteIdleMs! / 4);
    this.#sending = this.#options.clock.after(tickMs, () => {
      const writes = this.#options.writes();
      if (writes === this.#writesSeen) this.#options.sendEmpty();
      this.#writesSeen = this.#options.writes();
      this.#scheduleSend();
    });
  }
}
