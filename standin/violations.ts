import { ROUTER_LIMITS } from './router-limits.ts';

/** What a client did that the wire contract forbids. Tests expect none. */
export type ViolationKind =
  /** More than 1,042,432 request octets unacknowledged; the connection is closed for it. */
  | 'octet-window-overrun'
  /** A request octet before the response opening (router-stream-protocol.md 5); it is carried nevertheless. */
  | 'early-octets'
  /** A delivery without link credit. */
  | 'no-credit'
  /** A transfer beyond the session's incoming window. */
  | 'session-window-overrun'
  /** A TLS session was resumed; a real router kills the handshake (router-stream-protocol.md 2). */
  | 'tls-session-resumed'
  /** A frame that closed the connection: framing, channel, handle or field. */
  | 'protocol-error'
  /** A connection came with the container id of another, open or earlier: a router takes them for one. */
  | 'container-id-reused'
  /** `qd.streaming-links` was offered, or `qd.resend-released` asked for (sections 4 and 10). */
  | 'forbidden-capability';

export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
}

/** The breaches of one stand-in, in order; the first hundred are kept. */
export class Violations {
  readonly #kept: Violation[] = [];
  #count = 0;

  get kept(): readonly Violation[] {
    return this.#kept;
  }

  get count(): number {
    return this.#count;
  }

  add(kind: ViolationKind, detail: string): void {
    this.#count += 1;
    if (this.#kept.length < ROUTER_LIMITS.rememberedViolations) this.#kept.push({ kind, detail });
  }
}
