import { ACK_THRESHOLD_BYTES } from './octet-window.ts';

/** One lane's account with the cap of its connection. */
export interface CapAccount {
  /** Octets of this lane beyond one threshold, as the cap counts them. */
  excess: number;
}

/**
 * Newer routers close a whole connection that holds 4 MiB of undrained octets, so the sum over lanes of
 * what is unacknowledged beyond one threshold has a ceiling (router-stream-protocol.md 7). The last threshold of
 * every stream is never acknowledged and so does not count: within it every lane goes on, whatever the
 * others do, since a router acknowledges a whole threshold. One lane at a time may go beyond the ceiling,
 * by its own window, and so faster.
 */
export class UnacknowledgedCap {
  readonly #limitBytes: number;
  #total = 0;
  #exempt: CapAccount | undefined;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** How many of `wanted` octets the lane may send now. */
  admit(account: CapAccount, unacknowledged: number, wanted: number): number {
    const free = Math.max(0, ACK_THRESHOLD_BYTES - unacknowledged);
    if (wanted <= free || this.#exempt === account) return wanted;
    const allowed = free + Math.max(0, this.#limitBytes - this.#total);
    if (allowed > 0) return Math.min(wanted, allowed);
    if (this.#exempt !== undefined) return 0;
    this.#exempt = account;
    return wanted;
  }

  /** Books the lane's octets. True when room was made: lanes that wait may try again. */
  update(account: CapAccount, unacknowledged: number): boolean {
    const excess = Math.max(0, unacknowledged - ACK_THRESHOLD_BYTES);
    const change = excess - account.excess;
    account.excess = excess;
    this.#total += change;
    if (excess > 0 || this.#exempt !== account) return change < 0;
    // The exemption ends with the lane's first full acknowledgement, and the next in line gets it.
    if (change < 0) this.#exempt = undefined;
    return change < 0;
  }

  /** The lane is over. True when room was made. */
  release(account: CapAccount): boolean {
    const wasExempt = this.#exempt === account;
    if (wasExempt) this.#exempt = undefined;
    return this.update(account, 0) || wasExempt;
  }
}
