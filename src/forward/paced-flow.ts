import type { Clock, Timer } from '../core/clock.ts';

export interface PacedFlowParts {
  /** Octets per second; as many may come at once. */
  readonly bytesPerSecond: number;
  readonly clock: Clock;
  /** Where the octets come from. Both calls are idempotent there. */
  readonly source: { pause(): void; resume(): void };
  /** Calls `hold` when the far end has no room for more. */
  readonly deliver: (octets: Uint8Array) => void;
}

/** Octets go on at this many times a second at most, so that a paused stream costs few timers. */
const STEPS_PER_SECOND = 10;

/**
 * One direction of one stream, held to a bandwidth: in any time T at most one second's octets and rate × T pass. A
 * token bucket in octets. What comes too early waits here while its source is paused, which bounds it by what a
 * source still pushes behind a pause. There is a timer only while something waits.
 */
export class PacedFlow {
  readonly #parts: PacedFlowParts;
  readonly #step: number;
  #tokens: number;
  #countedAtMs: number;
  #waiting: Uint8Array[] = [];
  #onEmpty: (() => void) | undefined;
  #timer: Timer | undefined;
  #isHeld = false;
  #isPaused = false;
  #isOver = false;

  constructor(parts: PacedFlowParts) {
    this.#parts = parts;
    this.#step = Math.ceil(parts.bytesPerSecond / STEPS_PER_SECOND);
    this.#tokens = parts.bytesPerSecond;
    this.#countedAtMs = parts.clock.monotonicMs();
  }

  /** The source is asked for nothing: octets wait here, or the far end has no room. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Octets, or the end behind them, have not been delivered. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#onEmpty !== undefined;
  }

  data(octets: Uint8Array): void {
    if (this.#isOver) return;
    this.#waiting.push(octets);
    this.#flow();
  }

  /** Called behind the last octet. */
  end(then: () => void): void {
    if (this.#isOver) return;
    this.#onEmpty = then;
    this.#flow();
  }

  /** The far end has no room. Idempotent. */
  hold(): void {
    this.#isHeld = true;
    this.#pause();
  }

  /** The far end has room again. Idempotent. */
  release(): void {
    this.#isHeld = false;
    this.#flow();
  }

  /** Nothing is delivered any more. Idempotent. */
  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#waiting = [];
    this.#onEmpty = undefined;
  }

  #flow(): void {
    if (this.#timer !== undefined) return this.#pause();
    while (this.#waiting.length > 0) {
      if (this.#isHeld) return this.#pause();
      const next = this.#waiting[0]!;
      const least = Math.min(next.byteLength, this.#step);
      this.#refill();
      if (this.#tokens < least) return this.#wait(least - this.#tokens);
      this.#deliver(next);
    }
    this.#empty();
  }

  #deliver(next: Uint8Array): void {
    const allowed = Math.min(next.byteLength, Math.floor(this.#tokens));
    if (allowed === next.byteLength) this.#waiting.shift();
    else this.#waiting[0] = next.subarray(allowed);
    this.#tokens -= allowed;
    this.#parts.deliver(allowed === next.byteLength ? next : next.subarray(0, allowed));
  }

  #empty(): void {
    const then = this.#onEmpty;
    this.#onEmpty = undefined;
    if (then !== undefined) return then();
    if (this.#isHeld || !this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    this.#parts.source.resume();
  }

  #refill(): void {
    const { bytesPerSecond, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    const gained = ((nowMs - this.#countedAtMs) * bytesPerSecond) / 1000;
    this.#tokens = Math.min(bytesPerSecond, this.#tokens + gained);
    this.#countedAtMs = nowMs;
  }

  #wait(missing: number): void {
    this.#pause();
    const delayMs = Math.ceil((missing * 1000) / this.#parts.bytesPerSecond);
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#flow();
    });
  }

  #pause(): void {
    if (this.#isPaused || this.#isOver) return;
    this.#isPaused = true;
    this.#parts.source.pause();
  }
}
