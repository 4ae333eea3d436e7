import { constants, type ServerHttp2Stream, type ServerStreamResponseOptions } from 'node:http2';
import { GatewayError } from '../../core/errors.ts';
import { fieldsByName, lowerNames, withoutField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions } from '../../core/message.ts';
import { clientGone } from '../http/client-gone.ts';
import { framedFields } from '../http/response-fields.ts';
import { SinkBase } from '../http/sink-base.ts';

/** Frames that wait in the session, of all its streams: heads among them have no window to hold them. */
const MAX_QUEUED_FRAMES = 16;

/** One response over an HTTP/2 stream; node adds Date (E23). */
export class Http2Sink extends SinkBase {
  readonly #stream: ServerHttp2Stream;
  #isFinished = false;
  #awaitsTrailers = false;
  #given = 0;
  #trailers: HeaderList = [];
  /** Interim responses wait for a client that does not read. */
  #isHeld = false;

  constructor(stream: ServerHttp2Stream, onClosed: (error: GatewayError | undefined) => void) {
    super(onClosed);
    this.#stream = stream;
    stream.on('drain', () => this.drained());
    stream.on('aborted', () => this.closed(clientGone('the stream was reset')));
    stream.on('finish', () => this.#finish());
    stream.on('close', () => this.#streamClosed());
  }

  override get isClosed(): boolean {
    return super.isClosed || this.#stream.destroyed || this.#stream.closed;
  }

  /** Octets that wait, and octets that went. */
  get progress(): { readonly waiting: number; readonly sent: number } {
    const waiting = this.#stream.writableLength + (this.#isHeld ? 1 : 0);
    return { waiting, sent: this.#given - waiting };
  }

  /** Once a tick: no event tells that heads, which have no window, have left. */
  sweep(): void {
    if (!this.#isHeld || this.#queuedFrames > MAX_QUEUED_FRAMES) return;
    this.#isHeld = false;
    this.drained();
  }

  sendContinue(): void {
    this.informational(100, []);
  }

  protected writeInterim(status: number, headers: HeaderList): boolean {
    try {
      this.#stream.additionalHeaders({ ':status': status, ...fieldsByName(headers) });
    } catch {
      // An interim response is advice; one that is not HTTP is left out.
    }
    this.#isHeld = this.#queuedFrames > MAX_QUEUED_FRAMES;
    return !this.#isHeld;
  }

  get #queuedFrames(): number {
    return this.#stream.session?.state.outboundQueueSize ?? 0;
  }

  protected writeHead(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    if (status === 101) return this.#switch(headers);
    const isEmpty = this.isBodyless || options.length === 0;
    const isWhole = options.isWhole === true;
    const endStream = isWhole || (isEmpty && this.#stream.endAfterHeaders);
    // Trailers are only known at the end; a length of its own says there are none worth a frame.
    const waitForTrailers = !isWhole && !this.isBodyless && options.length === undefined;
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
    this.#stream.respond([':status', String(status), ...lowerNames(fields)], options);
  }

  protected writeData(chunk: Uint8Array): boolean {
    this.#given += chunk.length;
    return this.#stream.write(chunk);
  }

  protected writeEnd(trailers: HeaderList): void {
    this.#trailers = trailers;
    this.#stream.end();
  }

  protected cut(error: GatewayError): void {
    // Node resets for a stream that is destroyed; one that is closed it may end first, and a part of a
    // response would look whole (E10).
    this.#stream.destroy(error);
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

  #streamClosed(): void {
    const isWhole = this.#isAllGiven && this.#stream.rstCode === constants.NGHTTP2_NO_ERROR;
    this.closed(isWhole ? undefined : clientGone('the stream closed within the response'));
  }

  /** Node may close a stream whose halves have ended without emitting 'finish'. */
  get #isAllGiven(): boolean {
    if (this.#isFinished) return true;
    return super.isClosed && !this.#stream.aborted && this.#stream.writableLength === 0;
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
}
