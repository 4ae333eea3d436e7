import type { Readable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { BodyReceiver, BodySource } from '../../core/message.ts';
import type { ClientLimits } from '../../policy/snapshot/snapshot.ts';
import { clientGone } from './client-gone.ts';
import { BodyPace } from './pace.ts';

/** What a body needs of its exchange, in either version. */
export interface ReceivedBodyOptions {
  /** Octets, as announced; undefined when only the end tells. */
  readonly length: number | undefined;
  readonly sendContinue: () => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/**
 * The promises of a `BodySource`, kept once for both HTTP versions: one consumer, octets while it is not
 * paused, then one end or one failure; and the minimum rate. A subclass listens to its stream, calls
 * `take` for octets and `complete` when the body has come to its end by its own framing.
 * Each `BodySource` passes the suite of test/support/contracts/body-source-contract.ts.
 */
export abstract class ReceivedBody implements BodySource {
  readonly length: number | undefined;
  readonly #stream: Readable;
  readonly #options: ReceivedBodyOptions;
  readonly #pace = new BodyPace();
  #receiver: BodyReceiver | undefined;
  #isPaused = false;
  #isWanted = true;
  #isDone: boolean;
  #failure: GatewayError | undefined;
  #maySilence = false;
  #droppedBytes = 0;

  constructor(stream: Readable, options: ReceivedBodyOptions) {
    this.#stream = stream;
    this.#options = options;
    this.length = options.length;
    this.#isDone = options.length === 0;
  }

  /** Takes the octets of the stream from now on. */
  protected abstract listen(): void;
  /** At each sweep while nobody reads. */
  protected abstract unread(): void;

  /** Complete, or failed: the receiver has been told all there is. */
  get isDone(): boolean {
    return this.#isDone;
  }

  protected get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  protected get isRead(): boolean {
    return this.#receiver !== undefined;
  }

  protected get receivedBytes(): number {
    return this.#pace.received;
  }

  /** Octets that came while nobody wanted them. */
  protected get droppedBytes(): number {
    return this.#droppedBytes;
  }

  consume(receiver: BodyReceiver): void {
    if (this.#failure) return receiver.fail(this.#failure);
    if (this.length === 0) return receiver.end([]);
    if (this.#isDone || !this.#isWanted || this.#stream.destroyed) {
      return receiver.fail(clientGone('the body is over, or was discarded'));
    }
    this.#receiver = receiver;
    this.#options.sendContinue();
    if (!this.#isPaused) this.#pace.want(this.#options.clock.monotonicMs());
    this.listen();
    if (this.#isPaused) this.#stream.pause();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#pace.rest(this.#options.clock.monotonicMs());
    if (this.#receiver) this.#stream.pause();
  }

  resume(): void {
    // A consumer asks for more after each chunk, too: only what was held back begins anew.
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#receiver) return;
    this.#pace.want(this.#options.clock.monotonicMs());
    this.#stream.resume();
  }

  allowSilence(): void {
    this.#maySilence = true;
  }

  discard(): void {
    this.#isWanted = false;
    this.#receiver = undefined;
  }

  fail(error: GatewayError): void {
    if (this.#isDone) return;
    this.#failure = error;
    this.#finish()?.fail(error);
  }

  sweep(nowMs: number, limits: ClientLimits): void {
    if (this.#isDone) return;
    if (this.#isPaused || !this.#receiver) return this.unread();
    if (this.#maySilence) return;
    const tooSlow = this.#pace.judge(nowMs, limits);
    if (tooSlow) this.fail(tooSlow);
  }

  protected take(chunk: Uint8Array): void {
    this.#pace.add(chunk.byteLength);
    if (this.#isDone) return;
    if (this.#receiver) this.#receiver.data(chunk);
    else this.#droppedBytes += chunk.byteLength;
  }

  protected complete(trailers: HeaderList): void {
    if (!this.#isDone) this.#finish()?.end(trailers);
  }

  #finish(): BodyReceiver | undefined {
    const receiver = this.#receiver;
    this.#isDone = true;
    this.#receiver = undefined;
    return receiver;
  }
}
