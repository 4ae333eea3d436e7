import { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodyReceiver, BodySource } from '../core/message.ts';

export interface LimitedBodyOptions {
  readonly limitBytes: number;
  /** Hears of each chunk, for the record. */
  readonly onBytes: (bytes: number) => void;
  /** What the application may get of the client's trailers. */
  readonly filterTrailers: (trailers: HeaderList) => HeaderList;
}

/**
 * A request body that counts its octets and fails with `client_body_too_large` past the limit. A body
 * with a Content-Length is refused by the limit stage before this; this holds the ones of unknown length.
 */
export class LimitedBody implements BodySource, BodyReceiver {
  readonly #source: BodySource;
  readonly #limitBytes: number;
  #receiver: BodyReceiver | undefined;
  #isOver = false;
  readonly #onBytes: (bytes: number) => void;
  #receivedBytes = 0;

  readonly #filterTrailers: (trailers: HeaderList) => HeaderList;

  constructor(source: BodySource, options: LimitedBodyOptions) {
    this.#source = source;
    this.#limitBytes = options.limitBytes;
    this.#onBytes = options.onBytes;
    this.#filterTrailers = options.filterTrailers;
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  consume(receiver: BodyReceiver): void {
    this.#receiver = receiver;
    this.#source.consume(this);
  }

  pause(): void {
    this.#source.pause();
  }

  resume(): void {
    this.#source.resume();
  }

  allowSilence(): void {
    this.#source.allowSilence();
  }

  discard(): void {
    this.#source.discard();
  }

  data(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#receivedBytes += chunk.byteLength;
    this.#onBytes(chunk.byteLength);
    if (this.#receivedBytes <= this.#limitBytes) {
      this.#receiver?.data(chunk);
      return;
    }
    this.#isOver = true;
    this.#receiver?.fail(
      new GatewayError('client_body_too_large', {
        detail: `the body passed ${this.#limitBytes} octets, the limit of this path`,
      }),
    );
    this.#source.discard();
  }

  end(trailers: HeaderList): void {
    if (!this.#isOver) this.#receiver?.end(this.#filterTrailers(trailers));
  }

  fail(error: GatewayError): void {
    if (!this.#isOver) this.#receiver?.fail(error);
  }
}
