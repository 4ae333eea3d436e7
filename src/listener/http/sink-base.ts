import { GatewayError } from '../../core/errors.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions, ResponseSink } from '../../core/message.ts';
import { LengthCount } from './response-fields.ts';

type CloseListener = (error: GatewayError | undefined) => void;

const NO_TRAILERS: HeaderList = [];

/**
 * The promises of a `ResponseSink`, kept once for every way out: one head, then octets that are as many as
 * it announced, then one end; nothing after that; the close is told once. A subclass writes to its
 * connection, calls `drained` when that has room again, and `closed` when the response is out or lost.
 * Each `ResponseSink` passes the suite of test/support/contracts/response-sink-contract.ts.
 */
export abstract class SinkBase implements ResponseSink {
  #count = new LengthCount(undefined);
  #isHeadSent = false;
  #isBodyless = false;
  #isEnded = false;
  #isClosed = false;
  #abortError: GatewayError | undefined;
  #closeError: GatewayError | undefined;
  #onDrain: (() => void) | undefined;
  #onClose: CloseListener | undefined;
  readonly #afterClose: CloseListener;

  /** `afterClose` is called once, after the close listener. */
  constructor(afterClose: CloseListener) {
    this.#afterClose = afterClose;
  }

  /** Writes the head of a 1xx. False: the client does not read. */
  protected abstract writeInterim(status: number, headers: HeaderList): boolean;
  /** Throws on a head that is not HTTP. */
  protected abstract writeHead(
    status: number,
    headers: HeaderList,
    options: ResponseHeadOptions,
  ): void;
  /** `chunk` is never empty. False: there is no room for more. */
  protected abstract writeData(chunk: Uint8Array): boolean;
  protected abstract writeEnd(trailers: HeaderList): void;
  /** Ends the connection or the stream so that the client sees an error. */
  protected abstract cut(error: GatewayError): void;

  get isHeadSent(): boolean {
    return this.#isHeadSent;
  }

  get isClosed(): boolean {
    return this.#isEnded || this.#isClosed;
  }

  /** True when it was we who cut it: no fault of the client's. */
  get isAborted(): boolean {
    return this.#abortError !== undefined;
  }

  protected get isBodyless(): boolean {
    return this.#isBodyless;
  }

  informational(status: number, headers: HeaderList): boolean {
    const isInterim = status >= 100 && status < 200 && status !== 101;
    if (this.isClosed || this.#isHeadSent || !isInterim) return true;
    return this.writeInterim(status, headers);
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    if (this.isClosed || this.#isHeadSent) return;
    this.#isHeadSent = true;
    this.#isBodyless = options.bodyless === true;
    this.#count = new LengthCount(this.#isBodyless ? 0 : options.length);
    try {
      this.writeHead(status, headers, options);
    } catch (cause) {
      this.abort(new GatewayError('internal', { detail: 'the response head is not HTTP', cause }));
    }
  }

  data(chunk: Uint8Array): boolean {
    if (this.isClosed || this.#isBodyless || chunk.length === 0) return true;
    if (!this.#isHeadSent) this.abort(headless());
    else if (this.#count.take(chunk.length)) return this.writeData(chunk);
    else
      this.abort(
        new GatewayError('upstream_protocol_error', {
          detail: 'body longer than its Content-Length',
        }),
      );
    return true;
  }

  end(trailers: HeaderList = NO_TRAILERS): void {
    if (this.isClosed) return;
    if (!this.#isHeadSent) return this.abort(headless());
    if (!this.#count.isExact) {
      return this.abort(
        new GatewayError('upstream_reset', { detail: 'body shorter than its Content-Length' }),
      );
    }
    this.#isEnded = true;
    this.writeEnd(trailers);
  }

  abort(error: GatewayError): void {
    if (this.#isClosed) return;
    this.#abortError ??= error;
    this.cut(error);
    this.closed(error);
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  /** A listener that comes late is called at once. */
  onClose(listener: CloseListener): void {
    this.#onClose = listener;
    if (this.#isClosed) listener(this.#closeError);
  }

  protected drained(): void {
    if (!this.isClosed) this.#onDrain?.();
  }

  /** Idempotent: the first outcome counts, and after `abort` its error. */
  protected closed(error: GatewayError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeError = this.#abortError ?? error;
    this.#onDrain = undefined;
    this.#onClose?.(this.#closeError);
    this.#afterClose(this.#closeError);
  }
}

/** Of ours, never of an application: node would send a 200 for it. */
function headless(): GatewayError {
  return new GatewayError('internal', { detail: 'a response without a head' });
}
