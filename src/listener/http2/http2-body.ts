import type { ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { BodyReceiver, BodySource } from '../../core/message.ts';
import type { ClientLimits } from '../../policy/snapshot/snapshot.ts';
import type { ReceivedBodyOptions } from '../http1/http1-body.ts';
import { checkTrailers } from './http2-head.ts';
import { BodyPace } from '../http/pace.ts';
import { clientGone } from '../http/client-gone.ts';

/** The body of one HTTP/2 stream; pausing it closes the stream's flow-control window. */
export class Http2Body implements BodySource {
  readonly length: number | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #sendContinue: () => void;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #pace = new BodyPace();
  #receiver: BodyReceiver | undefined;
  #trailers: HeaderList | undefined = [];
  #isPaused = false;
  #maySilence = false;
  #isDone: boolean;
  #failure: GatewayError | undefined;

  constructor(stream: ServerHttp2Stream, options: ReceivedBodyOptions) {
    this.#stream = stream;
    this.length = options.length;
    this.#sendContinue = options.sendContinue;
    this.#clock = options.clock;
    this.#isDone = options.length === 0;
    stream.on('trailers', (_fields, _flags, raw) => {
      this.#trailers = checkTrailers(raw);
    });
  }

  consume(receiver: BodyReceiver): void {
    if (this.#failure) return receiver.fail(this.#failure);
    if (this.length === 0) return receiver.end([]);
    if (this.#receiver || this.#isDone || this.#stream.destroyed) {
      return receiver.fail(clientGone('the stream is over, or its body was discarded'));
    }
    this.#receiver = receiver;
    this.#sendContinue();
    if (!this.#isPaused) this.#pace.want(this.#clock.monotonicMs());
    this.#stream.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#stream.on('end', () => this.#end());
    // Node ends a body without octets when its END_STREAM comes, whoever listens: a later listener hears nothing.
    if (this.#stream.readableEnded) return this.#end();
    if (this.#isPaused) this.#stream.pause();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#pace.rest(this.#clock.monotonicMs());
    if (this.#receiver && !this.#isDone) this.#stream.pause();
  }

  resume(): void {
    // A consumer asks for more after each chunk, too: only what was held back begins anew.
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#receiver) return;
    this.#pace.want(this.#clock.monotonicMs());
    this.#stream.resume();
  }

  allowSilence(): void {
    this.#maySilence = true;
  }

  /** What still comes is dropped; after the response the stream is reset without an error (RFC 9113 8.1). */
  discard(): void {
    this.#isDone = true;
    this.#receiver = undefined;
  }

  fail(error: GatewayError): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#failure = error;
    this.#receiver?.fail(error);
  }

  sweep(nowMs: number, limits: ClientLimits): void {
    if (this.#isDone || this.#maySilence) return;
    const tooSlow = this.#pace.judge(nowMs, limits);
    if (tooSlow) this.fail(tooSlow);
  }

  #take(chunk: Buffer): void {
    this.#pace.add(chunk.length);
    if (!this.#isDone) this.#receiver?.data(chunk);
  }

  /** Node ends a stream that was reset, too; only END_STREAM makes a body complete (E10, F8). */
  #end(): void {
    if (this.#isDone) return;
    const isExact = this.length === undefined || this.length === this.#pace.received;
    if (this.#stream.aborted || this.#stream.rstCode !== 0) {
      return this.fail(clientGone('the stream was reset within the body'));
    }
    if (!isExact || this.#trailers === undefined) return this.#malformed();
    this.#isDone = true;
    this.#receiver?.end(this.#trailers);
  }

  #malformed(): void {
    this.fail(
      new GatewayError('client_body_malformed', { detail: 'length or trailers are wrong' }),
    );
  }
}
