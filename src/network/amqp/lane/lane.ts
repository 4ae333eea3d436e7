import { DEADLINES } from '../../../core/deadlines.ts';
import { GatewayError } from '../../../core/errors.ts';
import { AmqpError } from '../codec/amqp-error.ts';
import type { Disposition, Transfer } from '../codec/performatives.ts';
import { LaneFarewell, type StreamOnWire, endOnWire } from './lane-farewell.ts';
import { type OpeningFailure, failureBefore, failureWithin } from './lane-failure.ts';
import type { LaneLinks, LinksUser } from './lane-links.ts';
import type { LaneHost, LaneOptions } from './lane-options.ts';
import { OneTimer } from '../one-timer.ts';
import { OpeningWaits } from './opening-waits.ts';
import { RequestStream } from './request-stream.ts';
import { ResponseStream } from './response-stream.ts';
import { SocketLike } from '../connection/socket-like.ts';

/** With the window of 1,042,432 octets counted on consumption this only says when to ask for more. */
const BUFFER_BYTES = 64 * 1024;

type Callback = (error?: Error | null) => void;
type Phase = 'attaching' | 'opening' | 'open' | 'ended';

/**
 * One byte stream through the router network (contract): one delivery on each of a lane's two links.
 * It is a socket to its user from `onOpen` on; before that nothing of the user's is sent.
 */
export class Lane extends SocketLike implements LinksUser {
  readonly #links: LaneLinks;
  readonly #host: LaneHost;
  readonly #options: LaneOptions;
  readonly #request: RequestStream;
  readonly #response: ResponseStream;
  readonly #timer: OneTimer;
  readonly #waits: OpeningWaits;
  #deliveryId = 0;
  readonly #ended: (links: LaneLinks | undefined) => void;
  #phase: Phase = 'attaching';
  #isEndPushed = false;
  #hasComeBack = false;
  #farewell: LaneFarewell | undefined;
  /** Both halves were ended before the outcome came: `_destroy` waits with this. */
  #lingering: Callback | undefined;

  /** `ended` gets the links when they can carry another stream; without them they are ended. */
  constructor(
    links: LaneLinks,
    host: LaneHost,
    options: LaneOptions,
    ended: (links: LaneLinks | undefined) => void,
  ) {
    super({ readableHighWaterMark: BUFFER_BYTES, writableHighWaterMark: BUFFER_BYTES });
    this.#links = links;
    this.#host = host;
    this.#options = options;
    this.#ended = ended;
    this.#timer = new OneTimer(host.clock);
    this.#waits = new OpeningWaits({
      host,
      options,
      isAttached: () => links.replyTo !== undefined,
      fail: (failure) => this.#failBefore(failure),
    });
    this.#request = new RequestStream(links.session, host);
    this.#response = new ResponseStream(links.session, () => links.replyTo);
    // A lane may fail between its opening and the moment its user listens; that must not be fatal.
    this.on('error', () => {});
  }

  /** Opens at once on links that carried a stream before, else as soon as they are attached. */
  start(): void {
    this.#deliveryId = this.#links.take(this);
    if (!this.#links.canOpen) return this.#waits.awaitCredit();
    this.#open();
    this.#waits.awaitAnswer();
  }

  linksChanged(): void {
    this.#openWhenReady();
    this.#request.flowed();
  }

  transferred(transfer: Transfer, payload: Buffer): void {
    if (this.#phase === 'attaching') {
      throw new AmqpError('amqp:illegal-state', 'response before the opening of the request');
    }
    const result = this.#response.transferred(transfer, payload);
    if (result === 'aborted') return this.#fail('aborted');
    if (result === 'opened') this.#opened();
    this.#deliver(false);
    if (this.#response.isComplete) this.#peerFinished();
  }

  requestDisposed(disposition: Disposition): void {
    if (this.#phase === 'attaching') return;
    this.#request.disposed(disposition.state, disposition.settled === true);
    if (this.#request.outcome !== undefined) this.#concluded();
  }

  responseDisposed(disposition: Disposition): void {
    this.#response.disposed(disposition);
  }

  /** The router stands still, as far as this lane can tell: the fault is not the service's. */
  get isRouterSilent(): boolean {
    if (this.#phase === 'attaching') return this.#links.replyTo === undefined;
    return this.#phase === 'opening' && this.#waits.isRouterSilent;
  }

  /** What lies beyond the router gave the opening back: another consumer, if there is one, may take it. */
  get hasComeBack(): boolean {
    return this.#hasComeBack;
  }

  /** It is known meanwhile that no credit will come. */
  consumerGone(routingKey: string): void {
    if (this.#phase !== 'attaching' || routingKey !== this.#options.routingKey) return;
    this.#failBefore('no_credit');
  }

  /** From the session, or from the connection when it is lost. */
  ended(reason: string): void {
    this.#fail('ended', reason);
  }

  forbidden(reason: string): void {
    this.#fail('forbidden', reason);
  }

  /** The connection is gone. Nothing was sent before the opening, so then another can be tried. */
  connectionLost(reason: string): void {
    if (this.#farewell !== undefined) return this.#farewell.ended();
    this.#fail('connection_lost', reason);
  }

  override _read(): void {
    this.#deliver(true);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#request.write([chunk], callback);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], callback: Callback): void {
    this.#request.write(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    this.#request.finish(callback);
  }

  /** Leaves nothing open, in any phase. */
  override _destroy(error: Error | null, callback: Callback): void {
    if (error !== null && this.#mayTakeLeave(error)) return this.#takeLeave(error, callback);
    const isFinished = this.#request.isComplete && this.#response.isDrained;
    if (error === null && isFinished && this.#request.outcome === undefined) {
      // Both halves ended, the far side has not said yet whether it wrote ours: ending the session
      // now could lose its last octets.
      this.#lingering = callback;
      this.#timer.arm(DEADLINES.laneOutcomeMs, () => this.#terminate(failureWithin('no_outcome')));
      return;
    }
    this.#lingering = callback;
    this.#terminate(this.#explained(error));
  }

  #mayTakeLeave(error: Error): boolean {
    const isOpen = this.#phase === 'open' && this.#request.isIdle;
    return isOpen && this.#options.isFarewell?.(error) === true;
  }

  /** To its user the stream is closed; on the wire it comes to its end in its own time. */
  #takeLeave(error: Error, callback: Callback): void {
    this.#phase = 'ended';
    this.#timer.disarm();
    this.#farewell = new LaneFarewell(this.#onWire, this.#host.clock, this.#ended);
    this.#farewell.start();
    callback(error);
  }

  get #onWire(): StreamOnWire {
    return { links: this.#links, request: this.#request, response: this.#response };
  }

  #openWhenReady(): void {
    if (this.#phase !== 'attaching' || !this.#links.canOpen) return;
    this.#open();
    this.#waits.awaitAnswer();
  }

  #open(): void {
    this.#phase = 'opening';
    const { routingKey, alpn } = this.#options;
    const address = { routingKey, replyTo: this.#links.replyTo!, alpn };
    this.#request.open(this.#deliveryId, address);
  }

  #opened(): void {
    this.#phase = 'open';
    this.#waits.stop();
    this.#request.answered();
    this.#host.laneOpened();
    this.#options.onOpen(undefined);
  }

  #deliver(demanded: boolean): void {
    if (demanded) this.#response.demand();
    if (this.#phase !== 'open') return;
    this.#response.drain((octets) => this.push(octets));
    this.#response.acknowledge(this.readableLength);
    this.#pushEnd();
  }

  /** The application's FIN. For HTTP/1 ours follows, and `end` waits for the outcome (contract 11). */
  #peerFinished(): void {
    if (this.#phase !== 'open' || this.#options.allowHalfOpen) return;
    if (this.#request.outcome !== undefined) return;
    this.#timer.arm(DEADLINES.laneOutcomeMs, () => this.#fail('no_outcome'));
    // A second `end` makes an error with a stack, which costs more than all frames of a lane.
    if (!this.writableEnded) this.end();
  }

  /** A terminal state or settlement of our delivery. */
  #concluded(): void {
    const outcome = this.#request.outcome!;
    if (outcome === 'released') this.#host.doubted(this.#options.routingKey);
    if (this.#phase === 'opening') {
      this.#hasComeBack = outcome === 'released' || outcome === 'modified';
      return this.#failBefore(outcome);
    }
    if (outcome !== 'accepted') return this.#fail(outcome);
    if (this.#lingering !== undefined) {
      if (this.#response.isDrained) this.#response.accept();
      return this.#terminate(null);
    }
    this.#timer.disarm();
    this.#pushEnd();
  }

  #pushEnd(): void {
    if (this.#isEndPushed || !this.#response.isDrained) return;
    if (!this.#options.allowHalfOpen && this.#request.outcome !== 'accepted') return;
    this.#isEndPushed = true;
    this.#response.accept();
    this.push(null);
  }

  #fail(failure: OpeningFailure, detail?: string): void {
    if (this.#phase !== 'open') return this.#failBefore(failure, detail);
    const error = failureWithin(failure, detail);
    if (this.destroyed) this.#terminate(error);
    else this.destroy(error);
  }

  #failBefore(failure: OpeningFailure, detail?: string): void {
    this.destroy(failureBefore(failure, this.#options.routingKey, detail));
  }

  /** A write behind the FIN that followed the application's own is a reset, as on a TCP socket. */
  #explained(error: NodeJS.ErrnoException | null): Error | null {
    const isLate = error?.code === 'ERR_STREAM_WRITE_AFTER_END';
    if (!isLate || !this.#response.isComplete) return error;
    const detail = 'the application ended the connection while more was written';
    return new GatewayError('upstream_reset', { detail, cause: error });
  }

  #comeBack(): void {
    this.#ended(undefined);
    this.#host.holdPlace(this.#onWire);
  }

  #finish(error: Error | null): void {
    const links = endOnWire(this.#onWire);
    this.#request.release(error);
    this.#ended(links);
  }

  /** The one way out: gives back what is shared, says goodbye, then lets the stream close. */
  #terminate(error: Error | null): void {
    if (this.#phase === 'ended') return;
    const wasOpen = this.#phase === 'open';
    this.#phase = 'ended';
    this.#waits.stop();
    this.#timer.disarm();
    // By what was said on the wire: a user may well destroy a stream, with an error, that is over.
    if (this.#hasComeBack) this.#comeBack();
    else this.#finish(error);
    if (!wasOpen) this.#options.onOpen(asGatewayError(error));
    // Later than every microtask: a user that awaited the lane has its listeners on by then.
    setImmediate(() => this.#lingering?.(wasOpen ? error : null));
  }
}

function asGatewayError(error: Error | null): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('client_gone', { retryable: true, cause: error });
}
