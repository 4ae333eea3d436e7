import { GatewayError } from '../../core/errors.ts';

/** What every sink keeps: its one drain listener, its one close listener, and whether it is over. */
export class SinkState {
  isHeadSent = false;
  #isEnded = false;
  #isClosed = false;
  #closeError: GatewayError | undefined;
  #onDrain: (() => void) | undefined;
  #onClose: ((error: GatewayError | undefined) => void) | undefined;

  /** From `end`, `abort` or the client's going on: calls do nothing. */
  get isOver(): boolean {
    return this.#isEnded || this.#isClosed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The last octet was handed over; the sink has not closed yet. */
  markEnded(): void {
    this.#isEnded = true;
  }

  /** Idempotent: the first outcome counts. A listener that comes late is told at once. */
  close(error: GatewayError | undefined): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    this.#closeError = error;
    this.#onDrain = undefined;
    this.#onClose?.(error);
    return true;
  }

  drained(): void {
    if (!this.isOver) this.#onDrain?.();
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onClose(listener: (error: GatewayError | undefined) => void): void {
    this.#onClose = listener;
    if (this.#isClosed) listener(this.#closeError);
  }
}

export function clientGone(detail: string): GatewayError {
  return new GatewayError('client_gone', { detail });
}
