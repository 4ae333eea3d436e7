/** How the messages of a stream say where they end: by a length in a header of few octets. */
export interface Framing {
  /** Longest header. */
  readonly maxHeader: number;
  /** Octets of the header, when the first `known` of them are there; more than `known`: not yet clear. */
  headerOctets(header: Uint8Array, known: number): number;
  /** Octets behind a whole header; undefined: not to be followed from here on. */
  payloadOctets(header: Uint8Array): number | undefined;
}

/**
 * Follows a stream from frame to frame by lengths alone, so that a frame of ours can be added where one
 * has ended. Costs a header's worth of copying per frame, and holds nothing else.
 */
export class FrameBoundary {
  readonly #framing: Framing;
  readonly #header: Uint8Array;
  #known = 0;
  #payload = 0;
  #isLost = false;

  constructor(framing: Framing) {
    this.#framing = framing;
    this.#header = new Uint8Array(framing.maxHeader);
  }

  /** True between two frames, before the first one, and never again once a header made no sense. */
  get isAtBoundary(): boolean {
    return !this.#isLost && this.#known === 0 && this.#payload === 0;
  }

  take(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#isLost;) {
      if (this.#payload > 0) {
        const step = Math.min(this.#payload, chunk.length - at);
        this.#payload -= step;
        at += step;
      } else {
        this.#takeHeader(chunk[at]!);
        at += 1;
      }
    }
  }

  #takeHeader(octet: number): void {
    this.#header[this.#known] = octet;
    this.#known += 1;
    if (this.#known < this.#framing.headerOctets(this.#header, this.#known)) return;
    const payload = this.#framing.payloadOctets(this.#header);
    this.#isLost = payload === undefined;
    this.#payload = payload ?? 0;
    this.#known = 0;
  }
}
