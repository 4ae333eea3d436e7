import { DEADLINES } from '../../../core/deadlines.ts';
import type { OpeningFailure } from './lane-failure.ts';
import type { LaneHost, LaneOptions } from './lane-options.ts';
import { OneTimer } from '../one-timer.ts';

/** What the waits are for. */
export interface Opening {
  readonly host: LaneHost;
  readonly options: LaneOptions;
  /** The router has answered our attach. */
  readonly isAttached: () => boolean;
  readonly fail: (failure: OpeningFailure) => void;
}

/** How long the parts of an opening may take, and what it means when they take longer (contract 14.6). */
export class OpeningWaits {
  readonly #opening: Opening;
  readonly #timer: OneTimer;
  #sentAtMs: number | undefined;
  #hasTimedOut = false;
  #isLate = false;

  constructor(opening: Opening) {
    this.#opening = opening;
    this.#timer = new OneTimer(opening.host.clock);
  }

  awaitCredit(): void {
    const { host, options, isAttached, fail } = this.#opening;
    const { creditWaitMs } = host;
    const doubtMs = Math.min(DEADLINES.laneDoubtMs, creditWaitMs);
    this.#timer.arm(doubtMs, () => {
      if (!isAttached() && this.#isAbandoned()) return;
      host.doubted(options.routingKey);
      if (doubtMs === creditWaitMs) return fail('no_credit');
      this.#timer.arm(creditWaitMs - doubtMs, () => fail('no_credit'));
    });
  }

  /**
   * The opening was sent. A router that says nothing may wait for a slow application; so it is asked for
   * what it must answer, and then has as long again.
   */
  awaitAnswer(): void {
    const { host } = this.#opening;
    this.#sentAtMs = host.clock.monotonicMs();
    const doubtMs = Math.min(DEADLINES.laneDoubtMs, host.openWaitMs);
    this.#timer.arm(doubtMs / 2, () => {
      if (this.isRouterSilent) host.askForLife();
      this.#timer.arm(doubtMs / 2, () => {
        if (this.isRouterSilent && this.#isAbandoned()) return;
        this.#awaitLate(doubtMs);
      });
    });
  }

  /** The router lives, and has not answered for `DEADLINES.laneLateMs`. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** Nothing came since the opening was sent; after `DEADLINES.laneDoubtMs` the router stands still. */
  get isRouterSilent(): boolean {
    return this.#sentAtMs !== undefined && this.#opening.host.heardAtMs() <= this.#sentAtMs;
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#timer.disarm();
  }

  #awaitLate(waitedMs: number): void {
    const { host, options } = this.#opening;
    const lateMs = Math.min(DEADLINES.laneLateMs, host.openWaitMs);
    this.#timer.arm(lateMs - waitedMs, () => {
      this.#isLate = !this.isRouterSilent;
      this.#limit(host.openWaitMs - lateMs);
      if (this.#isLate) options.onLate?.();
    });
  }

  #limit(limitMs: number): void {
    this.#timer.arm(limitMs, () => {
      this.#timedOut();
      this.#opening.fail(this.isRouterSilent ? 'silence' : 'no_answer');
    });
  }

  /** Nothing was sent, so the stream may go another way. */
  #isAbandoned(): boolean {
    const { options, fail } = this.#opening;
    this.#timedOut();
    const isReplaced = options.onStalled?.() ?? false;
    if (isReplaced) fail('no_answer');
    return isReplaced;
  }

  /** Once for an opening, however many limits it goes past. */
  #timedOut(): void {
    if (this.#hasTimedOut) return;
    this.#hasTimedOut = true;
    this.#opening.host.openingTimedOut();
  }
}
