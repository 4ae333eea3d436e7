/** Hands out channel numbers, the last freed one first; a number is freed by the peer's `end` only. */
export class Channels {
  readonly #max: number;
  readonly #freed: number[] = [];
  #next = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Undefined when all are in use. */
  take(): number | undefined {
    const freed = this.#freed.pop();
    if (freed !== undefined) return freed;
    if (this.#next > this.#max) return undefined;
    const channel = this.#next;
    this.#next += 1;
    return channel;
  }

  free(channel: number): void {
    this.#freed.push(channel);
  }
}
