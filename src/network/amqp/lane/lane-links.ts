import {
  AmqpError,
  type Attach,
  type Detach,
  type Disposition,
  type Flow,
  type Transfer,
} from '../codec/codec.ts';
import { concerns } from '../session/delivery-ids.ts';
import { requestAttach, responseAttach } from './lane-frames.ts';
import { type ResponseLink, RESPONSE_HANDLE } from './response-stream.ts';
import { type Session, type SessionHandler, describe } from '../session/session.ts';

/** Condition of a link that the policy of a router's vhost refuses (skupper-router, policy.c). */
const FORBIDDEN = 'amqp:unauthorized-access';

/** The stream that has the links, as the links see it. */
export interface LinksUser {
  /** There may be a reply address, credit or room in the window now. */
  linksChanged(): void;
  /** On the receiving link. */
  transferred(transfer: Transfer, payload: Buffer): void;
  /** About this stream's request. */
  requestDisposed(disposition: Disposition): void;
  /** About a delivery of the router's. */
  responseDisposed(disposition: Disposition): void;
  /** The router ended the session or a link. */
  ended(reason: string): void;
  /** The router's policy does not allow a link. */
  forbidden(reason: string): void;
}

/**
 * Session, sending link and receiving link of a lane (router-stream-protocol.md 4). They outlive a stream that
 * ended clean, and carry the next one to the same routing key (router-stream-protocol.md 9).
 */
export class LaneLinks implements SessionHandler, ResponseLink {
  readonly routingKey: string;
  readonly session: Session;
  /** The router ended them while no stream had them. */
  readonly #endedIdle: (links: LaneLinks) => void;
  #user: LinksUser | undefined;
  #replyTo: string | undefined;
  #responseHandle: number | undefined;
  #requestHandle: number | undefined;
  /** Streams the router lets us begin, counted from the first one (AMQP 2.6.7). */
  #allowed = 0;
  #begun = 0;

  constructor(session: Session, routingKey: string, endedIdle: (links: LaneLinks) => void) {
    this.session = session;
    this.routingKey = routingKey;
    this.#endedIdle = endedIdle;
  }

  /** All three frames go at once, before any answer; the first `take` adds the fourth. */
  start(name: string): void {
    this.session.begin(this);
    this.session.send(responseAttach(`${name}.response`));
    this.session.send(requestAttach(`${name}.request`, this.routingKey));
  }

  /** The address the response will come to; undefined until the router named it. */
  get replyTo(): string | undefined {
    return this.#replyTo;
  }

  /** Nothing is missing for the opening of the stream that has the links. */
  get canOpen(): boolean {
    return this.#replyTo !== undefined && this.#isAllowed(this.#begun) && this.#hasRoom;
  }

  /** A further stream could open at once. */
  get canCarryNext(): boolean {
    return this.#isAllowed(this.#begun + 1) && this.#hasRoom;
  }

  /** The links are the user's until `release`. Returns the delivery-id of its request. */
  take(user: LinksUser): number {
    this.#user = user;
    const deliveryId = this.#begun;
    this.#begun = (this.#begun + 1) >>> 0;
    this.grant();
    return deliveryId;
  }

  /**
   * One credit is one response stream, so there is none while nobody waits for a response. A flow that opens the
   * session's window again names the link too: a router that was stopped by the window goes on at a flow of the
   * link alone (skupper-router `AMQP_link_flow_handler`; Proton tells it of no other).
   */
  grant(): void {
    const deliveryCount = (this.#begun - 1) >>> 0;
    this.session.sendFlow({ handle: RESPONSE_HANDLE, deliveryCount, linkCredit: 1 });
  }

  /** Somebody else sees the stream to its end. */
  handOver(user: LinksUser): void {
    this.#user = user;
  }

  /** The stream is over, both ways, with nothing left unsettled. */
  release(): void {
    this.#user = undefined;
  }

  attached(attach: Attach): void {
    // Role true: the router receives, so this is its end of our sending link.
    if (attach.role) this.#requestHandle = attach.handle;
    else {
      this.#responseHandle = attach.handle;
      this.#replyTo = attach.source?.address;
    }
    this.#user?.linksChanged();
  }

  flowed(flow: Flow): void {
    if (flow.handle !== undefined && flow.handle === this.#requestHandle) {
      this.#allowed = ((flow.deliveryCount ?? 0) + (flow.linkCredit ?? 0)) | 0;
    }
    this.#user?.linksChanged();
  }

  transferred(transfer: Transfer, payload: Buffer): void {
    if (transfer.handle !== this.#responseHandle) {
      throw new AmqpError('amqp:session:unattached-handle', `transfer on ${transfer.handle}`);
    }
    if (this.#user === undefined) {
      const text = 'delivery on a link without credit';
      throw new AmqpError('amqp:link:transfer-limit-exceeded', text);
    }
    this.#user.transferred(transfer, payload);
  }

  disposed(disposition: Disposition): void {
    if (!disposition.role) this.#user?.responseDisposed(disposition);
    // What is said of an earlier stream no longer matters: it is settled.
    else if (concerns(disposition, this.#begun - 1)) this.#user?.requestDisposed(disposition);
  }

  detached(detach: Detach): void {
    this.session.send({ kind: 'detach', handle: detach.handle, closed: true });
    // Nothing may follow on the handle: it would cost the connection, and every stream on it.
    this.session.end();
    const reason = describe(detach.error, 'router detached the link');
    if (detach.error?.condition === FORBIDDEN && this.#user !== undefined)
      this.#user.forbidden(reason);
    else this.ended(reason);
  }

  ended(reason: string): void {
    if (this.#user === undefined) this.#endedIdle(this);
    else this.#user.ended(reason);
  }

  get #hasRoom(): boolean {
    return this.session.window.canSend;
  }

  #isAllowed(count: number): boolean {
    return ((this.#allowed - count) | 0) >= 0;
  }
}
