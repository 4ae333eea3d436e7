import { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodySource } from '../core/message.ts';
import { PassingBody } from './passing-body.ts';

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
export class LimitedBody extends PassingBody {
  readonly #limitBytes: number;
  #isOver = false;
  readonly #onBytes: (bytes: number) => void;
  #receivedBytes = 0;

  readonly #filterTrailers: (trailers: HeaderList) => HeaderList;

  constructor(source: BodySource, options: LimitedBodyOptions) {
    super(source);
    this.#limitBytes = options.limitBytes;
    this.#onBytes = options.onBytes;
    this.#filterTrailers = options.filterTrailers;
  }

  data(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#receivedBytes += chunk.byteLength;
    this.#onBytes(chunk.byteLength);
    if (this.#receivedBytes <= this.#limitBytes) {
      this.receiver?.data(chunk);
      return;
    }
    this.#isOver = true;
    this.receiver?.fail(
      new GatewayError('client_body_too_large', {
        detail: `the body passed ${this.#limitBytes} octets, the limit of this path`,
      }),
    );
    this.source.discard();
  }

  end(trailers: HeaderList): void {
    if (!this.#isOver) this.receiver?.end(this.#filterTrailers(trailers));
  }

  fail(error: GatewayError): void {
    if (!this.#isOver) this.receiver?.fail(error);
  }
}
