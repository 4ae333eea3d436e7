// One octet stream through the network, on the links of a session.
//   request-stream.ts, response-stream.ts   the two halves; octet-window.ts and unacknowledged-cap.ts bound what is on the way
//   lane-links.ts, lane-frames.ts           session and links, which outlive a stream; idle-lanes.ts keeps them for the next
//   lane-opening.ts, opening-waits.ts       from the first frame to the answer, and how long that may take
//   lane-failure.ts                         what each failure is called
//   held-places.ts                          streams that nobody uses any more, and that stay on the wire
//   refusals.ts                             openings that came back from a consumer      lane-farewell.ts   the end in the background
//   lane-user.ts                            what the user of the channel was told        lane-table.ts      all lanes of a connection
// The connection makes a LaneTable; everybody else gets a Lane, as a Channel.
import type { Channel, ChannelUser } from '../../../core/channel.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import { AmqpError, type Disposition, type Transfer } from '../codec/codec.ts';
import type { HoldReason } from './held-places.ts';
import { LaneFarewell, type StreamOnWire, endOnWire } from './lane-farewell.ts';
import type { OpeningFailure } from './lane-failure.ts';
import {
  asGatewayError,
  explained,
  failureBefore,
  failureWithin,
  writtenLate,
} from './lane-failure.ts';
import type { LaneLinks, LinksUser } from './lane-links.ts';
import type { LaneHost, LaneOptions } from './lane-options.ts';
import { LaneOpening } from './lane-opening.ts';
import { LaneUser } from './lane-user.ts';
import { OneTimer } from '../one-timer.ts';
import { RequestStream } from './request-stream.ts';
import { ResponseStream } from './response-stream.ts';

type Phase = 'opening' | 'open' | 'ended';

/**
 * One octet stream through the router network (contract): one delivery on each of a lane's two links.
 * It is a channel to its user from `onOpen` on; before that nothing of the user's is sent.
 */
export class Lane implements Channel, LinksUser {
  readonly #links: LaneLinks;
  readonly #host: LaneHost;
  readonly #options: LaneOptions;
  readonly #request: RequestStream;
  readonly #response: ResponseStream;
  readonly #user: LaneUser;
  readonly #timer: OneTimer;
  readonly #opening: LaneOpening;
  readonly #ended: (links: LaneLinks | undefined) => void;
  #phase: Phase = 'opening';
  #isDestroyed = false;
  #farewell: LaneFarewell | undefined;

  /** `ended` gets the links when they can carry another stream; without them they are ended. */
  constructor(
    links: LaneLinks,
    host: LaneHost,
    options: LaneOptions,
    ended: (links: LaneLinks | undefined) => void,
  ) {
    this.#links = links;
    this.#host = host;
    this.#options = options;
    this.#ended = ended;
    this.#timer = new OneTimer(host.clock);
    this.#user = new LaneUser();
    this.#request = new RequestStream(links.session, host, () => this.#sent());
    this.#response = new ResponseStream(links.session, links);
    this.#opening = new LaneOpening({
      links,
      host,
      options,
      request: this.#request,
      fail: (failure) => this.#failBefore(failure),
    });
  }

  start(): void {
    this.#opening.start(this);
  }

  attach(user: ChannelUser): void {
    this.#user.attach(user);
    this.#deliver();
  }

  write(octets: Uint8Array | string): boolean {
    if (this.isClosed) return false;
    if (!this.#request.isFinishing) return this.#request.write(octets);
    this.destroy(writtenLate());
    return false;
  }

  cork(): void {
    this.#request.cork();
  }

  uncork(): boolean {
    return !this.isClosed && this.#request.uncork();
  }

  end(): boolean {
    if (this.isClosed) return false;
    const isSent = this.#request.finish();
    if (isSent) this.#progress();
    return isSent;
  }

  pause(): void {
    this.#user.isPaused = true;
  }

  resume(): void {
    this.#user.isPaused = false;
    this.#deliver();
  }

  /** Leaves nothing open, in any phase. */
  destroy(error?: Error): void {
    if (this.isClosed) return;
    this.#isDestroyed = true;
    if (error !== undefined && this.#mayTakeLeave(error)) return this.#takeLeave(error);
    // The far side has not said yet whether it wrote our octets: ending the session now could lose the last ones.
    if (error === undefined && this.#isComplete && this.#request.outcome === undefined) {
      return this.#awaitOutcome();
    }
    this.#terminate(explained(error, this.#response.isComplete));
  }

  get isWritable(): boolean {
    if (this.isClosed || this.#request.isFinishing) return false;
    return this.#options.allowHalfOpen || !this.#response.isComplete;
  }

  get isClosed(): boolean {
    return this.#isDestroyed || this.#phase === 'ended';
  }

  get error(): Error | undefined {
    return this.#user.error;
  }

  linksChanged(): void {
    if (this.#phase === 'opening') this.#opening.linksChanged();
    this.#request.flowed();
  }

  transferred(transfer: Transfer, payload: Buffer): void {
    if (this.#isAttaching) {
      throw new AmqpError('amqp:illegal-state', 'response before the opening of the request');
    }
    const result = this.#response.transferred(transfer, payload);
    if (result === 'aborted') return this.#fail('aborted');
    if (result === 'opened') this.#opened();
    this.#deliver();
    if (this.#response.isComplete) this.#peerFinished();
  }

  requestDisposed(disposition: Disposition): void {
    if (this.#isAttaching) return;
    this.#request.disposed(disposition.state, disposition.settled === true);
    if (this.#request.outcome !== undefined) this.#concluded();
  }

  responseDisposed(disposition: Disposition): void {
    this.#response.disposed(disposition);
  }

  /** The router stands still, as far as this lane can tell: the fault is not the service's. */
  get isRouterSilent(): boolean {
    return this.#phase === 'opening' && this.#opening.isRouterSilent;
  }

  /** What lies beyond the router gave the opening back: another consumer, if there is one, may take it. */
  get hasComeBack(): boolean {
    return this.#opening.hasComeBack;
  }

  /** It is known meanwhile that no credit will come. */
  consumerGone(routingKey: string): void {
    if (this.#isAttaching && routingKey === this.#options.routingKey) this.#failBefore('no_credit');
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

  #mayTakeLeave(error: Error): boolean {
    const isOpen = this.#phase === 'open' && this.#request.isIdle;
    return isOpen && this.#options.isFarewell?.(error) === true;
  }

  /** Closed for the user; the stream on the wire ends in the background. */
  #takeLeave(error: Error): void {
    this.#phase = 'ended';
    this.#timer.disarm();
    this.#farewell = new LaneFarewell(this.#onWire, this.#host.clock, this.#ended);
    this.#farewell.start();
    this.#user.closed(error);
  }

  get #onWire(): StreamOnWire {
    return { links: this.#links, request: this.#request, response: this.#response };
  }

  /** Nothing was sent yet: the links are on their way, or have no credit. */
  get #isAttaching(): boolean {
    return this.#phase === 'opening' && !this.#opening.isSent;
  }

  #opened(): void {
    this.#phase = 'open';
    this.#opening.answered();
    this.#options.onOpen(undefined);
  }

  #deliver(): void {
    if (this.#phase !== 'open' || this.#isDestroyed) return;
    this.#user.deliver(this.#response);
    if (this.isClosed) return;
    this.#response.acknowledge();
    this.#progress();
  }

  /** The application's FIN. For HTTP/1 ours follows, and `onEnd` waits for the outcome (contract 11). */
  #peerFinished(): void {
    if (this.#phase !== 'open' || this.#options.allowHalfOpen) return;
    if (this.#request.outcome !== undefined) return;
    this.#timer.arm(DEADLINES.laneOutcomeMs, () => this.#fail('no_outcome'));
    if (!this.#isDestroyed) this.#user.peerFinished(() => this.end());
  }

  /** A terminal state or settlement of our delivery. */
  #concluded(): void {
    const outcome = this.#request.outcome!;
    if (outcome === 'released') this.#host.doubted(this.#options.routingKey);
    if (this.#phase === 'opening') return this.#opening.concluded(outcome);
    if (outcome !== 'accepted') return this.#fail(outcome);
    this.#timer.disarm();
    this.#progress();
  }

  #sent(): void {
    if (this.isClosed) return;
    this.#user.sent();
    this.#progress();
  }

  /** Both halves are at their end here; the far side may still have to say so. */
  get #isComplete(): boolean {
    return this.#request.isComplete && this.#response.isDrained;
  }

  /** Tells the peer's end, and closes when ours has come to its end as well. */
  #progress(): void {
    if (this.#phase !== 'open' || !this.#response.isDrained || this.#user.isBusy) return;
    const isAccepted = this.#request.outcome === 'accepted';
    if (isAccepted || this.#options.allowHalfOpen) {
      this.#response.accept();
      if (!this.#isDestroyed) this.#user.ended();
    }
    if (this.#phase !== 'open') return;
    if (!isAccepted) return this.#isComplete ? this.#awaitOutcome() : undefined;
    const isTold = this.#isDestroyed || this.#user.hasEnd;
    if (isTold && (this.#isComplete || !this.#options.allowHalfOpen)) this.#terminate(undefined);
  }

  #awaitOutcome(): void {
    if (this.#timer.isArmed) return;
    this.#timer.arm(DEADLINES.laneOutcomeMs, () => this.#fail('no_outcome'));
  }

  #fail(failure: OpeningFailure, detail?: string): void {
    if (this.#phase === 'open') this.#terminate(failureWithin(failure, detail));
    else this.#failBefore(failure, detail);
  }

  #failBefore(failure: OpeningFailure, detail?: string): void {
    this.destroy(failureBefore(failure, this.#options.routingKey, detail));
  }

  /** By what was said on the wire: a user may well destroy a stream, with an error, that is over. */
  #holdReason(wasOpen: boolean): HoldReason | undefined {
    if (this.hasComeBack) return 'came-back';
    if (this.#links.session.isEnded || this.#request.outcome !== undefined) return undefined;
    if (wasOpen) return this.#request.isUnread ? 'unread' : undefined;
    return this.#opening.isLate ? 'unanswered' : undefined;
  }

  #hold(reason: HoldReason): void {
    this.#request.forget();
    this.#ended(undefined);
    this.#host.hold(this.#onWire, reason);
  }

  #finish(): void {
    const links = endOnWire(this.#onWire);
    this.#request.release();
    this.#ended(links);
  }

  /** The one way out: gives back what is shared, and tells whoever waits. */
  #terminate(error: Error | undefined): void {
    if (this.#phase === 'ended') return;
    const wasOpen = this.#phase === 'open';
    this.#phase = 'ended';
    this.#opening.stop();
    this.#timer.disarm();
    const reason = this.#holdReason(wasOpen);
    if (reason === undefined) this.#finish();
    else this.#hold(reason);
    if (!wasOpen) this.#options.onOpen(asGatewayError(error));
    this.#user.closed(wasOpen ? error : undefined);
  }
}
