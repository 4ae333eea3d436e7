/** A lane with octets to send. */
export interface FrameSender {
  /** Set by the queue alone. */
  isQueued: boolean;
  /** Sends at most one frame. True: it could send another at once. */
  sendFrame(): boolean;
}

/** Lanes that can send, served one frame each in turn while the socket takes more. */
export class SendQueue {
  readonly #isFull: () => boolean;
  /** In order of arrival, each once. */
  readonly #senders: FrameSender[] = [];
  #isPumping = false;

  constructor(isFull: () => boolean) {
    this.#isFull = isFull;
  }

  add(sender: FrameSender): void {
    this.#enqueue(sender);
    this.pump();
  }

  remove(sender: FrameSender): void {
    if (!sender.isQueued) return;
    sender.isQueued = false;
    this.#senders.splice(this.#senders.indexOf(sender), 1);
  }

  get size(): number {
    return this.#senders.length;
  }

  /** A sender may add itself or others while it sends; they get their turn in this same loop. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#senders.length > 0 && !this.#isFull()) {
        const sender = this.#senders.shift()!;
        sender.isQueued = false;
        if (sender.sendFrame()) this.#enqueue(sender);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  #enqueue(sender: FrameSender): void {
    if (sender.isQueued) return;
    sender.isQueued = true;
    this.#senders.push(sender);
  }
}
