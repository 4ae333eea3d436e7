/** A closed terminal (SIGHUP) ends a demo as Ctrl-C does. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Tells of the first stop signal; the second one ends the process at once. */
export class StopSignal implements Disposable {
  readonly requested: Promise<void>;
  readonly #controller = new AbortController();
  readonly #stop: () => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.requested = promise;
    this.#stop = () => {
      if (this.#controller.signal.aborted) process.exit(1);
      this.#controller.abort();
      resolve();
    };
    for (const name of SIGNALS) process.on(name, this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#stop);
  }
}
