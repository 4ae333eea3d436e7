import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { InboundRequest, ResponseHeadOptions, ResponseSink } from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';
import { FollowedStream, sendFarewell, withPreset } from '../respond/respond.ts';

/** A response sink that remembers what went through it, for the record, and the one door of every final response. */
export class MeasuredSink implements ResponseSink {
  readonly #sink: ResponseSink;
  #status: number | undefined;
  #bodyBytes = 0;
  #isEndedEarly = false;
  #mayEndEarly: InboundRequest | undefined;
  #followed: FollowedStream | undefined;
  #preset: HeaderList | undefined;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** The final status; undefined while none was sent. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Body octets handed to the client's connection. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** The stream was ended before its time, with the reason as its last words. */
  get isEndedEarly(): boolean {
    return this.#isEndedEarly;
  }

  get isHeadSent(): boolean {
    return this.#sink.isHeadSent;
  }

  get isClosed(): boolean {
    return this.#sink.isClosed;
  }

  /** Before the head: the response to this request is followed, for `endEarly`. */
  mayEndEarly(request: InboundRequest): void {
    this.#mayEndEarly = request;
  }

  /** Before the head: fields of every response that has none of that name, whoever makes it. */
  usePreset(fields: HeaderList): void {
    this.#preset = fields;
  }

  /** Ends the stream with the reason; false when it has no words for it now, and can only be cut. */
  endEarly(why: Refusal): boolean {
    const farewell = this.#followed?.farewell(why);
    if (farewell === undefined) return false;
    this.#isEndedEarly = true;
    sendFarewell(this, farewell);
    return true;
  }

  informational(status: number, headers: HeaderList): boolean {
    return this.#sink.informational(status, headers);
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    this.#status = status;
    if (this.#mayEndEarly !== undefined) {
      this.#followed = FollowedStream.of(this.#mayEndEarly, status, headers);
    }
    const preset = this.#preset;
    this.#sink.head(status, preset === undefined ? headers : withPreset(headers, preset), options);
  }

  data(chunk: Uint8Array): boolean {
    this.#bodyBytes += chunk.byteLength;
    this.#followed?.take(chunk);
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
