/**
 * Octet flow control of a stream, end to end (router-stream-protocol.md 7). The numbers are constants of every
 * router since 3.0.0: 4072-octet buffers × 8 × 16, and twice that.
 */
export const ACK_THRESHOLD_BYTES = 521_216;
export const OCTET_WINDOW_BYTES = 2 * ACK_THRESHOLD_BYTES;

/** The sending half: never more than the window beyond the largest acknowledgement. */
export class SentOctets {
  #sent = 0;
  #acknowledged = 0;

  get unacknowledged(): number {
    return this.#sent - this.#acknowledged;
  }

  get available(): number {
    return OCTET_WINDOW_BYTES - this.unacknowledged;
  }

  sent(count: number): void {
    this.#sent += count;
  }

  /** `total` counts from the stream's start; decreases and what was never sent are ignored. */
  acknowledge(total: number): void {
    if (total > this.#acknowledged && total <= this.#sent) this.#acknowledged = total;
  }
}

/** The receiving half: acknowledges what the consumer took, at every threshold. */
export class ReceivedOctets {
  #acknowledged = 0;

  /** The total to acknowledge now, or undefined while too little is new. */
  toAcknowledge(consumedTotal: number): number | undefined {
    if (consumedTotal - this.#acknowledged < ACK_THRESHOLD_BYTES) return undefined;
    this.#acknowledged = consumedTotal;
    return consumedTotal;
  }
}
