import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { ResponseHeadOptions, ResponseSink } from '../core/message.ts';

/** A response sink that remembers what went through it, for the record. */
export class MeasuredSink implements ResponseSink {
  readonly #sink: ResponseSink;
  /** The final status; undefined while none was sent. */
  status: number | undefined;
  /** Body octets handed to the client's connection. */
  bodyBytes = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  get isHeadSent(): boolean {
    return this.#sink.isHeadSent;
  }

  get isClosed(): boolean {
    return this.#sink.isClosed;
  }

  informational(status: number, headers: HeaderList): void {
    this.#sink.informational(status, headers);
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    this.status = status;
    this.#sink.head(status, headers, options);
  }

  data(chunk: Uint8Array): boolean {
    this.bodyBytes += chunk.byteLength;
    return this.#sink.data(chunk);
  }

  end(trailers?: HeaderList): void {
    this.#sink.end(trailers);
  }

  abort(error: GatewayError): void {
    this.#sink.abort(error);
  }

  onDrain(listener: () => void): void {
    this.#sink.onDrain(listener);
  }

  onClose(listener: (error: GatewayError | undefined) => void): void {
    this.#sink.onClose(listener);
  }
}
