/** A lane with octets to send. */
export interface FrameSender {
  /** Sends at most one frame. True: it could send another at once. */
  sendFrame(): boolean;
}

/** Lanes that can send, served one frame each in turn while the socket takes more. */
export class SendQueue {
  readonly #isFull: () => boolean;
  /** In order of arrival: a set keeps it, and a lane is in it once. */
  readonly #senders = new Set<FrameSender>();
  #isPumping = false;

  constructor(isFull: () => boolean) {
    this.#isFull = isFull;
  }

  add(sender: FrameSender): void {
    this.#senders.add(sender);
    this.pump();
  }

  remove(sender: FrameSender): void {
    this.#senders.delete(sender);
  }

  get size(): number {
    return this.#senders.size;
  }

  /** A sender may add itself or others while it sends; they get their turn in this same loop. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (const sender of this.#senders) {
        if (this.#isFull()) break;
        this.#senders.delete(sender);
        if (sender.sendFrame()) this.#senders.add(sender);
      }
    } finally {
      this.#isPumping = false;
    }
  }
}
