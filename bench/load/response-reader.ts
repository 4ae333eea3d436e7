const HEAD_END = Buffer.from('\r\n\r\n');
/** Beyond this the answer is not one of the bench's backend. */
const MAX_HEAD_OCTETS = 16_384;
const EMPTY = Buffer.alloc(0);

/**
 * Reads responses of one connection, one at a time: only as much of HTTP/1.1 as tells a good answer (200,
 * Content-Length, that many octets) from every other. Lean on purpose, so that the generator costs less
 * than what it measures.
 */
export class ResponseReader {
  readonly #bodyOctets: number;
  #head: Buffer = EMPTY;
  /** Undefined while the head is not complete. */
  #missing: number | undefined;

  /** `bodyOctets`: what each body must have. */
  constructor(bodyOctets: number) {
    this.#bodyOctets = bodyOctets;
  }

  /** True when the response is complete. Throws when it is not the wanted one. */
  push(chunk: Buffer): boolean {
    const octets = this.#missing === undefined ? this.#readHead(chunk) : chunk.length;
    if (this.#missing === undefined) return false;
    this.#missing -= octets;
    if (this.#missing > 0) return false;
    if (this.#missing < 0) throw new Error(`${-this.#missing} octets behind the response`);
    this.#missing = undefined;
    return true;
  }

  /** Gives the number of body octets that came with the head. */
  #readHead(chunk: Buffer): number {
    const octets = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = octets.indexOf(HEAD_END);
    if (end < 0) return this.#keep(octets);
    this.#head = EMPTY;
    this.#check(octets.toString('latin1', 0, end + 2));
    this.#missing = this.#bodyOctets;
    return octets.length - end - HEAD_END.length;
  }

  #keep(octets: Buffer): number {
    if (octets.length > MAX_HEAD_OCTETS)
      throw new Error(`no end of head in ${octets.length} octets`);
    this.#head = octets;
    return 0;
  }

  #check(head: string): void {
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(head.slice(0, head.indexOf('\r\n')));
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
    if (Number(length) === this.#bodyOctets) return;
    throw new Error(`Content-Length ${length}, wanted ${this.#bodyOctets}`);
  }
}
