import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { BodyReceiver, BodySource } from '../../core/message.ts';
import type { ClientLimits } from '../../policy/snapshot/snapshot.ts';
import { BodyPace } from '../http/pace.ts';
import { clientGone } from '../http/client-gone.ts';

/** What is read and dropped of a body nobody wants, before the connection is closed instead (E11). */
const MAX_DRAIN_BYTES = 65_536;

/** Octets of a paused body that are held while its client is watched: twice node's own buffer. */
const MAX_UNREAD_BYTES = 131_072;

/** What a body needs of its exchange, in either version. */
export interface ReceivedBodyOptions {
  /** As announced; undefined when only the end tells. */
  readonly length: number | undefined;
  readonly sendContinue: () => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** The body of one HTTP/1.1 request. */
export class Http1Body implements BodySource {
  readonly length: number | undefined;
  readonly #request: IncomingMessage;
  readonly #sendContinue: () => void;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #pace = new BodyPace();
  #receiver: BodyReceiver | undefined;
  #isPaused = false;
  #isWanted = true;
  #isDone: boolean;
  #failure: GatewayError | undefined;
  #drained = 0;
  #maySilence = false;

  constructor(request: IncomingMessage, options: ReceivedBodyOptions) {
    this.#request = request;
    this.length = options.length;
    this.#sendContinue = options.sendContinue;
    this.#clock = options.clock;
    this.#isDone = options.length === 0;
    // R-22; what went wrong comes through `fail` and `close`.
    request.on('error', () => {});
  }

  /** Complete, or failed: the receiver has been told all there is. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The body is broken, or what is left so much or so unsure, that the connection closes rather than read it. */
  get isCostlyToDrain(): boolean {
    if (this.#failure) return true;
    if (this.#isDone || (this.#receiver && this.#isWanted)) return false;
    return this.length === undefined || this.length - this.#pace.received > MAX_DRAIN_BYTES;
  }

  consume(receiver: BodyReceiver): void {
    if (this.#failure) return receiver.fail(this.#failure);
    if (this.#isDone) return receiver.end([]);
    if (!this.#isWanted) return receiver.fail(clientGone('the body was discarded'));
    this.#receiver = receiver;
    this.#sendContinue();
    if (!this.#isPaused) this.#pace.want(this.#clock.monotonicMs());
    this.#listen();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#pace.rest(this.#clock.monotonicMs());
    if (this.#receiver && !this.#isDone && this.#isWanted) this.#request.pause();
  }

  resume(): void {
    // A consumer asks for more after each chunk, too: only what was held back begins anew.
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#receiver || this.#isDone) return;
    this.#pace.want(this.#clock.monotonicMs());
    this.#request.resume();
  }

  allowSilence(): void {
    this.#maySilence = true;
  }

  discard(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#receiver = undefined;
  }

  /** After the response: reads the small rest and drops it; false when there is too much. */
  drain(): boolean {
    if (this.#isDone) return true;
    if (this.isCostlyToDrain) return false;
    const isListening = this.#receiver !== undefined || !this.#isWanted;
    this.#isWanted = false;
    this.#receiver = undefined;
    if (!isListening || this.#request.listenerCount('data') === 0) this.#listen();
    this.#request.resume();
    return true;
  }

  get hasOverdrained(): boolean {
    return this.#drained > MAX_DRAIN_BYTES;
  }

  fail(error: GatewayError): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#failure = error;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.fail(error);
  }

  sweep(nowMs: number, limits: ClientLimits): void {
    if (this.#isDone) return;
    if (this.#isPaused || !this.#receiver) return this.#probe();
    if (this.#maySilence) return;
    const tooSlow = this.#pace.judge(nowMs, limits);
    if (tooSlow) this.fail(tooSlow);
  }

  /**
   * A socket that is not read tells neither of an end nor of a reset, so a body nobody reads at the
   * moment would hide that its client is gone. Reading goes on for what node's
   * buffer and a little more can hold; octets that come stop it again until the next tick.
   */
  #probe(): void {
    if (this.#request.readableLength < MAX_UNREAD_BYTES) this.#request.socket.resume();
  }

  #listen(): void {
    const request = this.#request;
    request.on('data', (chunk: Buffer) => this.#take(chunk));
    request.on('end', () => this.#end());
    request.on('close', () => this.fail(clientGone('the connection closed within the body')));
    if (this.#isPaused) request.pause();
  }

  #take(chunk: Buffer): void {
    this.#pace.add(chunk.length);
    if (this.#isDone) return;
    if (this.#receiver) this.#receiver.data(chunk);
    else this.#drained += chunk.length;
  }

  #end(): void {
    if (this.#isDone) return;
    if (!this.#request.complete) return this.fail(clientGone('the body is incomplete'));
    this.#isDone = true;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.end(this.#request.rawTrailers);
  }
}
