import { DEADLINES } from '../../core/deadlines.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ClientLimits } from '../../policy/snapshot/snapshot.ts';

/**
 * Whether a body comes as fast as policy demands: the one rule for both HTTP versions. Only wanted
 * time counts, from `want` to `rest`: while we hold the body back, because the application is slow, its
 * client cannot be blamed. All other time counts, whether octets come in it or not.
 */
export class BodyPace {
  #received = 0;
  /** Undefined while nobody wants the body. */
  #wantedSinceMs: number | undefined;
  /** Wanted time before `#wantedSinceMs`. */
  #wantedMs = 0;
  #windowStartMs = 0;
  #windowReceived = 0;

  get received(): number {
    return this.#received;
  }

  add(octets: number): void {
    this.#received += octets;
  }

  /** From now on the client is to send. Idempotent: a body that is wanted already gains no time by it. */
  want(nowMs: number): void {
    this.#wantedSinceMs ??= nowMs;
  }

  /** From now on we hold the body back. Idempotent. */
  rest(nowMs: number): void {
    this.#wantedMs = this.#wantedAt(nowMs);
    this.#wantedSinceMs = undefined;
  }

  /** Why the body is to be given up; undefined while it comes fast enough, or is not wanted. */
  judge(nowMs: number, limits: ClientLimits): GatewayError | undefined {
    if (this.#wantedSinceMs === undefined) return undefined;
    const wantedMs = this.#wantedAt(nowMs);
    const { bodyMinRate, bodyTotalMs } = limits;
    if (bodyTotalMs !== undefined && wantedMs >= bodyTotalMs) {
      return tooSlow(`the body did not come within ${bodyTotalMs} ms`);
    }
    const elapsedMs = wantedMs - this.#windowStartMs;
    if (elapsedMs < DEADLINES.clientBodyRateWindowMs) return undefined;
    const octets = this.#received - this.#windowReceived;
    this.#windowStartMs = wantedMs;
    this.#windowReceived = this.#received;
    if (octets >= (bodyMinRate * elapsedMs) / 1_000) return undefined;
    return tooSlow(`the body came slower than ${bodyMinRate} octets per second`);
  }

  #wantedAt(nowMs: number): number {
    return this.#wantedMs + (this.#wantedSinceMs === undefined ? 0 : nowMs - this.#wantedSinceMs);
  }
}

function tooSlow(detail: string): GatewayError {
  return new GatewayError('client_body_timeout', { detail });
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
