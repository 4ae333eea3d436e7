import type { Call } from '../../contract.ts';
import type { SignalSource } from './guarded.ts';

/**
 * The `Call` a plugin gets. Its signal is made only when the plugin asks, since most calls are
 * answered from memory and an AbortController costs more than such an answer.
 */
export class GuardedCall implements Call {
  /** Wall time in milliseconds. */
  readonly deadline: number;
  readonly #exchange: SignalSource;
  #controller: AbortController | undefined;
  #reason: unknown;
  #isAborted = false;

  constructor(deadline: number, exchange: SignalSource) {
    this.deadline = deadline;
    this.#exchange = exchange;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      const exchange = this.#exchange();
      if (this.#isAborted) this.#controller.abort(this.#reason);
      else if (exchange.aborted) this.#controller.abort(exchange.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
