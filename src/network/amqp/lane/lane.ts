// One octet stream through the network, on the links of a session.
//   request-stream.ts, response-stream.ts   the two halves; octet-window.ts and unacknowledged-cap.ts bound what is on the way
//   lane-links.ts, lane-frames.ts           session and links, which outlive a stream; idle-lanes.ts keeps them for the next
//   lane-opening.ts, opening-waits.ts       from the first frame to the answer, and how long that may take
//   lane-ends.ts                            from the answer to the end of both halves
//   lane-failure.ts                         what each failure is called
//   held-places.ts                          streams that nobody uses any more, and that stay on the wire
//   stream-on-wire.ts                       how a stream ends on the wire, or stays there
//   refusals.ts                             openings that came back from a consumer      lane-farewell.ts   the end in the background
//   lane-user.ts                            what the user of the channel was told        lane-table.ts      all lanes of a connection
// The connection makes a LaneTable; everybody else gets a Lane, as a Channel.
import type { Channel, ChannelUser } from '../../../core/channel.ts';
import { AmqpError, type Disposition, type Transfer } from '../codec/codec.ts';
import { LaneEnds } from './lane-ends.ts';
import { LaneFarewell } from './lane-farewell.ts';
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
import { RequestStream } from './request-stream.ts';
import { ResponseStream } from './response-stream.ts';
import {
  type HoldReason,
  type StreamEnded,
  type StreamOnWire,
  finishOnWire,
  holdReason,
} from './stream-on-wire.ts';

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
  readonly #opening: LaneOpening;
  readonly #ends: LaneEnds;
  readonly #ended: StreamEnded;
  #farewell: LaneFarewell | undefined;

  constructor(links: LaneLinks, host: LaneHost, options: LaneOptions, ended: StreamEnded) {
    this.#links = links;
    this.#host = host;
    this.#options = options;
    this.#ended = ended;
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
    this.#ends = new LaneEnds({
      clock: host.clock,
      request: this.#request,
      response: this.#response,
      user: this.#user,
      allowHalfOpen: options.allowHalfOpen,
      end: () => this.end(),
      close: () => this.#terminate(undefined),
      giveUp: () => this.#fail('no_outcome'),
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
    if (this.#ends.isClosed) return false;
    if (!this.#request.isFinishing) return this.#request.write(octets);
    this.destroy(writtenLate());
    return false;
  }

  cork(): void {
    this.#request.cork();
  }

  uncork(): boolean {
    return !this.#ends.isClosed && this.#request.uncork();
  }

  end(): boolean {
    if (this.#ends.isClosed) return false;
    const isSent = this.#request.finish();
    if (isSent) this.#ends.progress();
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
    if (this.#ends.isClosed) return;
    this.#ends.isDestroyed = true;
    if (error !== undefined && this.#mayTakeLeave(error)) return this.#takeLeave(error);
    // The far side has not said yet whether it wrote our octets: ending the session now could lose the last ones.
    if (error === undefined && this.#ends.isComplete && this.#request.outcome === undefined) {
      return this.#ends.awaitOutcome();
    }
    this.#terminate(explained(error, this.#response.isComplete));
  }

  get isWritable(): boolean {
    if (this.#ends.isClosed || this.#request.isFinishing) return false;
    return this.#options.allowHalfOpen || !this.#response.isComplete;
  }

  get isClosed(): boolean {
    return this.#ends.isClosed;
  }

  get error(): Error | undefined {
    return this.#user.error;
  }

  linksChanged(): void {
    if (this.#ends.phase === 'opening') this.#opening.linksChanged();
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
    if (this.#response.isComplete) this.#ends.peerFinished();
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
    return this.#ends.phase === 'opening' && this.#opening.isRouterSilent;
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
    const isOpen = this.#ends.phase === 'open' && this.#request.isIdle;
    return isOpen && this.#options.isFarewell?.(error) === true;
  }

  /** Closed for the user; the stream on the wire ends in the background. */
  #takeLeave(error: Error): void {
    this.#ends.stop();
    this.#farewell = new LaneFarewell(this.#onWire, this.#host.clock, this.#ended);
    this.#farewell.start();
    this.#user.closed(error);
  }

  get #onWire(): StreamOnWire {
    return { links: this.#links, request: this.#request, response: this.#response };
  }

  /** Nothing was sent yet: the links are on their way, or have no credit. */
  get #isAttaching(): boolean {
    return this.#ends.phase === 'opening' && !this.#opening.isSent;
  }

  #opened(): void {
    this.#ends.phase = 'open';
    this.#opening.answered();
    this.#options.onOpen(undefined);
  }

  #deliver(): void {
    if (this.#ends.phase !== 'open' || this.#ends.isDestroyed) return;
    this.#user.deliver(this.#response);
    if (this.#ends.isClosed) return;
    this.#response.acknowledge();
    this.#ends.progress();
  }

  /** A terminal state or settlement of our delivery. */
  #concluded(): void {
    const outcome = this.#request.outcome!;
    if (outcome === 'released') this.#host.doubted(this.#options.routingKey);
    if (this.#ends.phase === 'opening') return this.#opening.concluded(outcome);
    if (outcome !== 'accepted') return this.#fail(outcome);
    this.#ends.accepted();
  }

  #sent(): void {
    if (this.#ends.isClosed) return;
    this.#user.sent();
    this.#ends.progress();
  }

  #fail(failure: OpeningFailure, detail?: string): void {
    if (this.#ends.phase === 'open') this.#terminate(failureWithin(failure, detail));
    else this.#failBefore(failure, detail);
  }

  #failBefore(failure: OpeningFailure, detail?: string): void {
    this.destroy(failureBefore(failure, this.#options.routingKey, detail));
  }

  #hold(stream: StreamOnWire, reason: HoldReason): void {
    this.#request.forget();
    this.#ended(undefined);
    this.#host.hold(stream, reason);
  }

  /** The one way out: gives back what is shared, and tells whoever waits. */
  #terminate(error: Error | undefined): void {
    if (this.#ends.phase === 'ended') return;
    const wasOpen = this.#ends.phase === 'open';
    this.#ends.stop();
    this.#opening.stop();
    const stream = this.#onWire;
    const reason = holdReason(stream, this.#opening, wasOpen);
    if (reason === undefined) finishOnWire(stream, this.#ended);
    else this.#hold(stream, reason);
    if (!wasOpen) this.#options.onOpen(asGatewayError(error));
    this.#user.closed(wasOpen ? error : undefined);
  }
}
