import { constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { GatewayError } from '../../core/errors.ts';
import { fieldsByName } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { BodyReceiver } from '../../core/message.ts';
import { h2RequestFields, plainFields } from './h2-fields.ts';
import { h2Fault } from './h2-fault.ts';
import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from '../upstream.ts';

export interface H2CallOptions {
  readonly request: UpstreamRequest;
  readonly receiver: UpstreamReceiver;
  readonly release: () => void;
}

export interface H2Place {
  readonly scheme: 'http' | 'https';
  /** Above 0 the connection was kept alive and may have died unseen. */
  readonly earlierRequests: number;
  /** Called once, when the stream is over. True: the connection may be dead. */
  left(isSuspect: boolean): void;
}

/** One request over HTTP/2: bodies both ways at once, trailers both ways, back-pressure both ways. */
export class H2Call implements UpstreamCall, BodyReceiver {
  readonly #options: H2CallOptions;
  #stream: ClientHttp2Stream | undefined;
  #place: H2Place | undefined;
  #trailersOut: HeaderList = [];
  #trailersIn: HeaderList = [];
  #isPaused = false;
  #isHeadReceived = false;
  /** The final head, or an interim one (RFC 9110 15.2). */
  #hasAnswered = false;
  #isRequestSent = false;
  /** END_STREAM was seen: a reset after it takes nothing away (RFC 9113 8.1). */
  #isWhole = false;
  #isDone = false;

  constructor(options: H2CallOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** No connection could be opened: no octet has left. */
  failBefore(error: Error): void {
    this.#fail(error);
  }

  begin(session: ClientHttp2Session, place: H2Place): void {
    this.#place = place;
    const { request } = this.#options;
    const endStream = request.body.length === 0;
    try {
      const fields = h2RequestFields(request, place.scheme);
      this.#stream = session.request(fields, { endStream, waitForTrailers: !endStream });
    } catch (cause) {
      place.left(false);
      return this.#fail(cause as Error);
    }
    this.#listen(this.#stream, place);
    this.#options.receiver.connected();
    if (endStream) this.#sent();
    else request.body.consume(this);
  }

  // From `forward`

  pause(): void {
    this.#isPaused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#stream?.resume();
  }

  abort(error: GatewayError): void {
    const isSuspect = !this.#isHeadReceived && error.code === 'upstream_response_timeout';
    if (!this.#finish()) return;
    if (this.#stream !== undefined) this.#options.request.body.discard();
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    if (isSuspect) this.#leave(true);
  }

  // From the client's body

  data(chunk: Uint8Array): void {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed || stream.writableEnded) return;
    this.#options.receiver.progress();
    if (!stream.write(chunk)) this.#options.request.body.pause();
  }

  end(trailers: HeaderList): void {
    this.#trailersOut = trailers;
    this.#stream?.end();
    this.#sent();
  }

  fail(error: GatewayError): void {
    if (!this.#finish()) return;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    this.#options.receiver.fail(error);
  }

  // From the application

  #listen(stream: ClientHttp2Stream, place: H2Place): void {
    const { receiver, request } = this.#options;
    stream.on('error', (error) => this.#fail(error));
    stream.on('wantTrailers', () => this.#sendTrailers(stream));
    stream.on('drain', () => {
      receiver.progress();
      request.body.resume();
    });
    stream.on('headers', (fields, _flags, raw: unknown) => {
      this.#hasAnswered = true;
      if (!this.#isDone) receiver.informational(statusOf(fields), plainFields(raw as HeaderList));
    });
    stream.on('response', (fields, flags, raw: unknown) => {
      this.#isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      this.#answered(stream, statusOf(fields), plainFields(raw as HeaderList));
    });
    stream.on('trailers', (_fields, _flags, raw: unknown) => {
      this.#isWhole = true;
      this.#trailersIn = raw as HeaderList;
    });
    stream.on('end', () => this.#ended(stream));
    stream.on('close', () => {
      this.#leave(false);
      this.#fail(this.#fault(stream, place));
    });
  }

  #answered(stream: ClientHttp2Stream, status: number, headers: HeaderList): void {
    if (this.#isDone) return;
    const { receiver } = this.#options;
    this.#isHeadReceived = true;
    this.#hasAnswered = true;
    receiver.head(status, headers, this.#isWhole);
    // Node tells of octets before the head that came with them, so nobody listens until here.
    stream.on('data', (chunk: Buffer) => {
      if (!this.#isDone) receiver.data(chunk);
    });
    if (this.#isPaused) stream.pause();
  }

  /** Node ends a stream that was reset, too. */
  #ended(stream: ClientHttp2Stream): void {
    const isReset = stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR;
    if (!this.#isHeadReceived || (isReset && !this.#isWhole)) return;
    if (!this.#finish()) return;
    if (!this.#isRequestSent) this.#giveUpRequest(stream);
    this.#options.receiver.end(this.#trailersIn);
  }

  /** The answer is whole before the request is (RFC 9113 8.1): nobody wants the rest. */
  #giveUpRequest(stream: ClientHttp2Stream): void {
    this.#options.request.body.discard();
    stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #fault(stream: ClientHttp2Stream, place: H2Place): GatewayError {
    const { method, body } = this.#options.request;
    return h2Fault(stream.rstCode ?? 0, {
      method,
      isBodyless: body.length === 0,
      hasAnswered: this.#hasAnswered,
      earlierRequests: place.earlierRequests,
    });
  }

  #sendTrailers(stream: ClientHttp2Stream): void {
    // Node ends the body of a stream that is reset, and half a body would look whole (E10): so a body
    // always waits for its trailers, and one that was given up gets none.
    if (stream.destroyed || stream.closed) return;
    try {
      stream.sendTrailers(fieldsByName(this.#trailersOut));
    } catch (cause) {
      // Nobody above would catch it: this is node's own turn.
      this.#giveUpTrailers(stream, cause as Error);
    }
  }

  /** The application gets a reset, never an end: its request is not whole. */
  #giveUpTrailers(stream: ClientHttp2Stream, cause: Error): void {
    stream.close(constants.NGHTTP2_CANCEL);
    const detail = `the trailers of the request cannot be written: ${cause.message}`;
    this.#fail(new GatewayError('client_body_malformed', { detail, cause }));
  }

  #sent(): void {
    this.#isRequestSent = true;
    if (!this.#isDone) this.#options.receiver.sent();
  }

  #fail(error: Error): void {
    // What node says of a stream is said better by its code, when it closes.
    if (this.#stream !== undefined && !(error instanceof GatewayError)) return;
    if (!this.#finish()) return;
    if (this.#stream !== undefined) this.#options.request.body.discard();
    this.#options.receiver.fail(asGatewayError(error));
  }

  #finish(): boolean {
    if (this.#isDone) return false;
    this.#isDone = true;
    this.#options.release();
    return true;
  }

  #leave(isSuspect: boolean): void {
    this.#place?.left(isSuspect);
    this.#place = undefined;
  }
}

function statusOf(fields: { readonly ':status'?: unknown }): number {
  return Number(fields[':status']);
}

function asGatewayError(error: Error): GatewayError {
  if (error instanceof GatewayError) return error;
  const detail = `the request could not be written: ${error.message}`;
  return new GatewayError('upstream_reset', { detail, retryable: true, cause: error });
}
