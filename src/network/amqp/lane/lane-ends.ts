import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { LaneUser } from './lane-user.ts';
import { OneTimer } from '../one-timer.ts';
import type { RequestStream } from './request-stream.ts';
import type { ResponseStream } from './response-stream.ts';

export interface LaneEndsParts {
  readonly clock: Clock;
  readonly request: RequestStream;
  readonly response: ResponseStream;
  readonly user: LaneUser;
  /** Each half ends by itself. */
  readonly allowHalfOpen: boolean;
  /** Ends our half. */
  readonly end: () => void;
  /** Both halves are over, and the far side has our octets. */
  readonly close: () => void;
  /** The far side did not say in time what became of our octets. */
  readonly giveUp: () => void;
}

/**
 * Where a lane is between its opening and its end, and when it is over: both halves have come to their end, and
 * the far side has accepted ours (contract 11).
 */
export class LaneEnds {
  phase: 'opening' | 'open' | 'ended' = 'opening';
  /** Its user gave it up, or it failed; what is on the wire may not be over. */
  isDestroyed = false;
  readonly #request: RequestStream;
  readonly #response: ResponseStream;
  readonly #user: LaneUser;
  readonly #allowHalfOpen: boolean;
  readonly #parts: LaneEndsParts;
  readonly #timer: OneTimer;

  constructor(parts: LaneEndsParts) {
    this.#parts = parts;
    // Of their own, as `progress` asks them at every frame.
    this.#request = parts.request;
    this.#response = parts.response;
    this.#user = parts.user;
    this.#allowHalfOpen = parts.allowHalfOpen;
    this.#timer = new OneTimer(parts.clock);
  }

  get isClosed(): boolean {
    return this.isDestroyed || this.phase === 'ended';
  }

  /** Both halves are at their end here; the far side may still have to say so. */
  get isComplete(): boolean {
    return this.#request.isComplete && this.#response.isDrained;
  }

  /** The application's FIN. For HTTP/1 ours follows, and `onEnd` waits for the outcome (contract 11). */
  peerFinished(): void {
    if (this.phase !== 'open' || this.#allowHalfOpen) return;
    if (this.#request.outcome !== undefined) return;
    this.#timer.arm(DEADLINES.laneOutcomeMs, this.#parts.giveUp);
    if (!this.isDestroyed) this.#user.peerFinished(this.#parts.end);
  }

  /** The far side has accepted our octets. */
  accepted(): void {
    this.#timer.disarm();
    this.progress();
  }

  /** Tells the peer's end, and closes when ours has come to its end as well. */
  progress(): void {
    if (this.phase !== 'open' || !this.#response.isDrained || this.#user.isBusy) return;
    const isAccepted = this.#request.outcome === 'accepted';
    if (isAccepted || this.#allowHalfOpen) {
      this.#response.accept();
      if (!this.isDestroyed) this.#user.ended();
    }
    // The user may have ended the lane meanwhile.
    if (this.#isEnded) return;
    if (!isAccepted) return this.isComplete ? this.awaitOutcome() : undefined;
    const isTold = this.isDestroyed || this.#user.hasEnd;
    if (isTold && (this.isComplete || !this.#allowHalfOpen)) this.#parts.close();
  }

  awaitOutcome(): void {
    if (this.#timer.isArmed) return;
    this.#timer.arm(DEADLINES.laneOutcomeMs, this.#parts.giveUp);
  }

  /** Nothing is waited for any more; what comes on the wire changes nothing here. */
  stop(): void {
    this.phase = 'ended';
    this.#timer.disarm();
  }

  get #isEnded(): boolean {
    return this.phase === 'ended';
  }
}
