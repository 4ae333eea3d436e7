import { constants, type ServerHttp2Stream, type ServerStreamResponseOptions } from 'node:http2';
import { GatewayError } from '../../core/errors.ts';
import { fieldsByName, lowerNames, withoutField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions, ResponseSink } from '../../core/message.ts';
import { framedFields, LengthCount } from '../http/response-fields.ts';
import { clientGone, SinkState } from '../http/sink-state.ts';

/** Frames that wait in the session, of all its streams: heads among them have no window to hold them. */
const MAX_QUEUED_FRAMES = 16;

/** One response over an HTTP/2 stream; node adds Date (E23). */
export class Http2Sink implements ResponseSink {
  readonly #stream: ServerHttp2Stream;
  readonly #state = new SinkState();
  readonly #onClosed: (error: GatewayError | undefined) => void;
  #count = new LengthCount(undefined);
  #isBodyless = false;
  #isFinished = false;
  #awaitsTrailers = false;
  #given = 0;
  #trailers: HeaderList = [];
  /** Interim responses wait for a client that does not read. */
  #isHeld = false;
  #abortError: GatewayError | undefined;

  constructor(stream: ServerHttp2Stream, onClosed: (error: GatewayError | undefined) => void) {
    this.#stream = stream;
    this.#onClosed = onClosed;
    stream.on('drain', () => this.#state.drained());
    stream.on('aborted', () => this.#close(clientGone('the stream was reset')));
    stream.on('finish', () => this.#finish());
    stream.on('close', () => this.#closed());
  }

  get isHeadSent(): boolean {
    return this.#state.isHeadSent;
  }

  get isClosed(): boolean {
    return this.#state.isOver || this.#stream.destroyed || this.#stream.closed;
  }

  /** True when it was we who reset the stream: no fault of the client's. */
  get isAborted(): boolean {
    return this.#abortError !== undefined;
  }

  /** Octets that wait, and octets that went. */
  get progress(): { readonly waiting: number; readonly sent: number } {
    const waiting = this.#stream.writableLength + (this.#isHeld ? 1 : 0);
    return { waiting, sent: this.#given - waiting };
  }

  informational(status: number, headers: HeaderList): boolean {
    const isLegal = status >= 100 && status < 200 && status !== 101;
    if (this.isClosed || this.isHeadSent || !isLegal) return true;
    try {
      this.#stream.additionalHeaders({ ':status': status, ...fieldsByName(headers) });
    } catch {
      // An interim response is advice; one that is not HTTP is left out.
    }
    this.#isHeld = this.#queuedFrames > MAX_QUEUED_FRAMES;
    return !this.#isHeld;
  }

  /** Once a tick: no event tells that heads, which have no window, have left. */
  sweep(): void {
    if (!this.#isHeld || this.#queuedFrames > MAX_QUEUED_FRAMES) return;
    this.#isHeld = false;
    this.#state.drained();
  }

  get #queuedFrames(): number {
    return this.#stream.session?.state.outboundQueueSize ?? 0;
  }

  sendContinue(): void {
    this.informational(100, []);
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    if (this.isClosed || this.isHeadSent) return;
    this.#isBodyless = options.bodyless === true;
    this.#count = new LengthCount(this.#isBodyless ? 0 : options.length);
    this.#state.isHeadSent = true;
    if (status === 101) return this.#switch(headers);
    const isEmpty = this.#isBodyless || options.length === 0;
    const isWhole = options.isWhole === true;
    const endStream = isWhole || (isEmpty && this.#stream.endAfterHeaders);
    // Trailers are only known at the end; a length of its own says there are none worth a frame.
    const waitForTrailers = !isWhole && !this.#isBodyless && options.length === undefined;
    this.#awaitsTrailers = waitForTrailers;
    if (waitForTrailers) this.#stream.on('wantTrailers', () => this.#sendTrailers());
    this.#respond(status, framedFields(status, headers, options), { waitForTrailers, endStream });
  }

  /** RFC 8441 5: 200 takes the place of 101, and the handshake's proof has none. */
  #switch(headers: HeaderList): void {
    const kept = withoutField(headers, 'sec-websocket-accept');
    this.#respond(200, framedFields(200, kept, { length: undefined }), {});
  }

  #respond(status: number, fields: HeaderList, options: ServerStreamResponseOptions): void {
    try {
      this.#stream.respond([':status', String(status), ...lowerNames(fields)], options);
    } catch (cause) {
      this.abort(new GatewayError('internal', { detail: 'the response head is not HTTP', cause }));
    }
  }

  data(chunk: Uint8Array): boolean {
    if (this.isClosed || this.#isBodyless || chunk.length === 0) return true;
    if (!this.#count.take(chunk.length)) {
      this.abort(
        new GatewayError('upstream_protocol_error', {
          detail: 'body longer than its Content-Length',
        }),
      );
      return true;
    }
    this.#given += chunk.length;
    return this.#stream.write(chunk);
  }

  end(trailers?: HeaderList): void {
    if (this.isClosed) return;
    if (!this.#count.isExact) {
      this.abort(
        new GatewayError('upstream_reset', { detail: 'body shorter than its Content-Length' }),
      );
      return;
    }
    this.#trailers = trailers ?? [];
    this.#state.markEnded();
    this.#stream.end();
  }

  abort(error: GatewayError): void {
    if (this.#state.isClosed) return;
    this.#abortError = error;
    // Node resets for a stream that is destroyed; one that is closed it may end first, and a part of a
    // response would look whole (E10).
    this.#stream.destroy(error);
    this.#close(error);
  }

  onDrain(listener: () => void): void {
    this.#state.onDrain(listener);
  }

  onClose(listener: (error: GatewayError | undefined) => void): void {
    this.#state.onClose(listener);
  }

  /** RFC 9113 8.1: a response that is complete before its request ends the stream without an error. */
  #finish(): void {
    // Node ends its half of a HEAD before there is a response.
    if (!this.isHeadSent) return;
    this.#isFinished = true;
    // A stream nobody reads would never close.
    this.#stream.resume();
    if (this.#stream.endAfterHeaders || this.#awaitsTrailers) return;
    this.#endRequestSoon();
  }

  #endRequestSoon(): void {
    // A head without DATA, and trailers, are written in this turn; a reset now would overtake them.
    setImmediate(() => this.#endRequest());
  }

  #endRequest(): void {
    if (this.#stream.readableEnded || this.#stream.closed) return;
    this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #closed(): void {
    const isWhole = this.#isAllGiven && this.#stream.rstCode === constants.NGHTTP2_NO_ERROR;
    this.#close(isWhole ? undefined : clientGone('the stream closed within the response'));
  }

  /** Node may close a stream without emitting 'finish'. */
  get #isAllGiven(): boolean {
    if (this.#isFinished) return true;
    return this.#state.isOver && !this.#stream.aborted && this.#stream.writableLength === 0;
  }

  #sendTrailers(): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    try {
      this.#stream.sendTrailers(fieldsByName(this.#trailers));
      this.#awaitsTrailers = false;
      if (!this.#stream.endAfterHeaders) this.#endRequestSoon();
    } catch (cause) {
      this.abort(new GatewayError('internal', { detail: 'the trailers are not HTTP', cause }));
    }
  }

  #close(error: GatewayError | undefined): void {
    if (this.#state.close(this.#abortError ?? error)) this.#onClosed(this.#abortError ?? error);
  }
}
