/** An application that waits for a body says it once; a stream of them is no HTTP that anybody needs. */
const MAX_IGNORED = 10;
/** The longest beginning that decides: of an interim head everything up to its empty line is looked at. */
const INTERIM = /^HTTP\/1\.[01] 1\d\d/;
const SAMPLE = 'HTTP/1.1 100';
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Takes `100 Continue` out of the beginning of a response: a client that did not ask for it ignores it
 * (RFC 9110 15.2), and undici breaks the connection. Octets in, octets out; what is held is at most one
 * interim head.
 */
export class UnaskedContinue {
  readonly #maxHeadBytes: number;
  #held: Buffer = NOTHING;
  #isBeginning = true;
  #ignored = 0;

  constructor(maxHeadBytes: number) {
    this.#maxHeadBytes = maxHeadBytes;
  }

  /** A request is given to the connection: the next octets begin its response. */
  expectResponse(): void {
    this.#isBeginning = true;
    this.#ignored = 0;
  }

  /** The octets that undici may see now; empty while it cannot be decided. */
  take(chunk: Buffer): Buffer {
    if (!this.#isBeginning) return chunk;
    if (this.#held.length === 0 && isFinal(chunk)) {
      this.#isBeginning = false;
      return chunk;
    }
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#judge();
  }

  #judge(): Buffer {
    let passed: Buffer = NOTHING;
    while (this.#isBeginning && this.#held.length > 0) {
      const start = this.#held.toString('latin1', 0, SAMPLE.length);
      // What cannot become an interim head is not held: it may be all that the application says.
      if (!INTERIM.test(start + SAMPLE.slice(start.length))) return join(passed, this.#release());
      const end = this.#held.indexOf('\r\n\r\n');
      if (end === -1) {
        return this.#held.length > this.#maxHeadBytes ? join(passed, this.#release()) : passed;
      }
      const head = this.#held.subarray(0, end + 4);
      this.#held = this.#held.subarray(end + 4);
      if (!this.#isIgnored(start)) passed = join(passed, head);
    }
    return passed;
  }

  #isIgnored(start: string): boolean {
    if (!start.endsWith('100')) return false;
    this.#ignored += 1;
    return this.#ignored <= MAX_IGNORED;
  }

  #release(): Buffer {
    const held = this.#held;
    this.#held = NOTHING;
    this.#isBeginning = false;
    return held;
  }
}

/** The status class is there and no 1, as in nearly every response; what decides otherwise sees this, too. */
function isFinal(chunk: Buffer): boolean {
  return chunk.length > STATUS_AT && chunk[STATUS_AT] !== ONE;
}

const STATUS_AT = 'HTTP/1.1 '.length;
const ONE = 0x31;

function join(first: Buffer, second: Buffer): Buffer {
  return first.length === 0 ? second : Buffer.concat([first, second]);
}
