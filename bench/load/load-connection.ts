import type { Duplex } from 'node:stream';
import { ResponseReader } from './response-reader.ts';

export interface LoadConnectionOptions {
  readonly socket: Duplex;
  /** The whole request, written again and again. */
  readonly request: Buffer;
  readonly bodyOctets: number;
  /** Microseconds from the request's write to the last octet of its response. */
  readonly onResponse: (latencyMicros: number) => void;
  /** Once, and then the connection is of no more use. */
  readonly onFailure: (reason: string) => void;
}

/** A closed loop on one connection: the next request goes out when the response to the last is complete. */
export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  readonly #reader: ResponseReader;
  #sentAt = 0;
  #until = 0;
  #isBroken = false;
  #whenIdle: (() => void) | undefined;

  constructor(options: LoadConnectionOptions) {
    this.#options = options;
    this.#reader = new ResponseReader(options.bodyOctets);
    const { socket } = options;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error) => this.#broke(error.message));
    socket.on('close', () => this.#broke('the connection was closed'));
  }

  /** Sends requests until the time of `performance.now()`; resolves when the last one is answered or failed. */
  run(until: number): Promise<void> {
    if (this.#isBroken) return Promise.resolve();
    this.#until = until;
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      this.#send();
    });
  }

  /** The request in flight, if any, has been waited for too long. */
  giveUp(): void {
    if (this.#whenIdle !== undefined) this.#broke('no answer');
  }

  close(): void {
    this.#isBroken = true;
    this.#options.socket.destroy();
  }

  #send(): void {
    this.#sentAt = performance.now();
    this.#options.socket.write(this.#options.request);
  }

  #received(chunk: Buffer): void {
    try {
      if (!this.#isAwaiting()) throw new Error(`${chunk.length} octets without a request`);
      if (!this.#reader.push(chunk)) return;
    } catch (error) {
      this.#broke((error as Error).message);
      return;
    }
    this.#answered();
  }

  #answered(): void {
    const now = performance.now();
    this.#options.onResponse((now - this.#sentAt) * 1_000);
    if (now < this.#until) this.#send();
    else this.#idle();
  }

  #isAwaiting(): boolean {
    return this.#whenIdle !== undefined;
  }

  #broke(reason: string): void {
    if (this.#isBroken) return;
    this.close();
    this.#options.onFailure(reason);
    this.#idle();
  }

  #idle(): void {
    const done = this.#whenIdle;
    this.#whenIdle = undefined;
    done?.();
  }
}
