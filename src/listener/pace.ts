import { DEADLINES } from '../core/deadlines.ts';
import type { ClientLimits } from '../policy/snapshot.ts';

/**
 * Whether a body comes as fast as policy demands. Only the time in which it was wanted counts:
 * a body that we paused is slow by our doing.
 */
export class BodyPace {
  #received = 0;
  #startedAtMs = -1;
  #windowAtMs = -1;
  #windowReceived = 0;

  get received(): number {
    return this.#received;
  }

  add(octets: number): void {
    this.#received += octets;
  }

  /** The next look begins a new window. */
  restartWindow(): void {
    this.#windowAtMs = -1;
  }

  /** True when the body is to be given up. */
  isTooSlow(nowMs: number, limits: ClientLimits): boolean {
    if (this.#startedAtMs === -1) this.#startedAtMs = nowMs;
    if (limits.bodyTotalMs !== undefined && nowMs - this.#startedAtMs >= limits.bodyTotalMs) {
      return true;
    }
    if (this.#windowAtMs === -1) return this.#openWindow(nowMs);
    const elapsedMs = nowMs - this.#windowAtMs;
    if (elapsedMs < DEADLINES.clientBodyRateWindowMs) return false;
    const octets = this.#received - this.#windowReceived;
    this.#openWindow(nowMs);
    return octets < (limits.bodyMinRate * elapsedMs) / 1_000;
  }

  #openWindow(nowMs: number): false {
    this.#windowAtMs = nowMs;
    this.#windowReceived = this.#received;
    return false;
  }
}

/** Whether a peer takes what waits for it: any octet gone is progress. */
export class WriteStall {
  #sent = -1;
  #sinceMs = 0;

  /** `waiting` octets are queued, `sent` have gone so far. True after `limitMs` without progress. */
  isStalled(nowMs: number, waiting: number, sent: number, limitMs: number): boolean {
    if (waiting === 0 || sent !== this.#sent) {
      this.#sent = sent;
      this.#sinceMs = nowMs;
      return false;
    }
    return nowMs - this.#sinceMs >= limitMs;
  }
}
