import type {
  Attach,
  Begin,
  Disposition,
  ErrorValue,
  Flow,
  Performative,
  Transfer,
} from '../src/network/amqp/codec/codec.ts';
import type { Dispatcher } from './dispatcher.ts';
import { answerToReceiver, answerToSender } from './link-answers.ts';
import type { LinkSession } from './link-session.ts';
import type { ReplyAddresses } from './reply-addresses.ts';
import { ReplyLink } from './reply-link.ts';
import { RequestLink } from './request-link.ts';
import type { ResponseDelivery } from './response-delivery.ts';
import { RouterSessionWindow } from './router-session-window.ts';
import { TRACKING_ADDRESS, TrackingLink } from './tracking-link.ts';
import type { ViolationKind } from './violations.ts';

/** What a session needs of its connection. */
export interface RouterSessionHost {
  readonly dispatcher: Dispatcher;
  readonly replies: ReplyAddresses;
  /** The listener has the role edge. */
  readonly isEdge: boolean;
  send(channel: number, performative: Performative, payload?: Uint8Array): void;
  /** Octets of payload that fit in the next frame; 0 when the socket is full. */
  frameRoom(session: RouterSession): number;
  note(kind: ViolationKind, detail: string): void;
  /** Closes the connection with the error. */
  fail(error: ErrorValue): void;
}

type Link = ReplyLink | RequestLink | TrackingLink;

/** The router's half of one session: its links, and the windows between them and the wire. */
export class RouterSession implements LinkSession {
  readonly channel: number;
  readonly #host: RouterSessionHost;
  readonly #window: RouterSessionWindow;
  readonly #links = new Map<number, Link>();
  /** Detached by us; the client's frames for them mean nothing until it answers. */
  readonly #detaching = new Set<number>();
  readonly #responses = new Map<number, ResponseDelivery>();
  #nextResponseId = 0;
  #isOver = false;

  constructor(host: RouterSessionHost, channel: number, begin: Begin) {
    this.#host = host;
    this.channel = channel;
    this.#window = new RouterSessionWindow(begin);
  }

  /** Frames of the client's session, `begin` and `end` apart. */
  handle(performative: Performative, payload: Buffer): void {
    const { kind } = performative;
    if (kind === 'attach') this.#attach(performative);
    else if (kind === 'flow') this.#flow(performative);
    else if (kind === 'transfer') this.#transfer(performative, payload);
    else if (kind === 'disposition') this.#disposition(performative);
    else if (kind === 'detach') this.#detach(performative.handle);
    else this.breach('protocol-error', { condition: 'amqp:not-allowed', description: kind });
  }

  /** A connector appeared or is gone: links to it may send now, and whoever tracks is told. */
  consumerChanged(routingKey: string): void {
    for (const link of this.#links.values()) {
      if (link instanceof RequestLink && link.address === routingKey) link.offerCredit();
    }
    this.#track(routingKey);
  }

  /** The socket drained or the window opened. */
  pump(): void {
    for (const link of this.#links.values()) if (link instanceof ReplyLink) link.pump();
  }

  /** Everything ends, nothing more is sent: the client's `end`, or the loss of the connection. */
  abandon(): void {
    this.#isOver = true;
    for (const link of this.#links.values()) this.#release(link);
    for (const response of this.#responses.values()) response.decided();
    this.#links.clear();
    this.#responses.clear();
  }

  /** On command: detaches the links of the routing key, or all. */
  detachLinks(error: ErrorValue, routingKey?: string): void {
    for (const link of this.#links.values()) {
      const isMeant = link instanceof RequestLink && (routingKey ?? link.address) === link.address;
      if (isMeant) this.#detachByUs(link, error);
    }
  }

  // For the links.

  get isEdge(): boolean {
    return this.#host.isEdge;
  }

  /** A message that fits one frame, settled with it. */
  sendWhole(handle: number, payload: Buffer): void {
    const deliveryId = this.nextResponseId();
    const deliveryTag = Uint8Array.from([deliveryId & 0xff, 1]);
    const ids = { handle, deliveryId, deliveryTag, messageFormat: 0 };
    this.sendTransfer({ kind: 'transfer', ...ids, settled: true }, payload);
  }

  transferRoom(): number {
    return this.#isOver || this.#window.isRemoteClosed ? 0 : this.#host.frameRoom(this);
  }

  sendTransfer(transfer: Transfer, payload: Uint8Array): void {
    this.#window.sent();
    this.#host.send(this.channel, transfer, payload);
  }

  sendDisposition(disposition: Disposition): void {
    if (!this.#isOver) this.#host.send(this.channel, disposition);
  }

  sendLinkFlow(handle: number, deliveryCount: number, linkCredit: number): void {
    const link = { handle, deliveryCount, linkCredit, drain: false };
    if (!this.#isOver) this.#host.send(this.channel, { ...this.#window.flow(), ...link });
  }

  nextResponseId(): number {
    return this.#nextResponseId++;
  }

  track(response: ResponseDelivery): void {
    this.#responses.set(response.id, response);
  }

  untrack(response: ResponseDelivery): void {
    this.#responses.delete(response.id);
  }

  settleResponse(response: ResponseDelivery): void {
    this.untrack(response);
    this.sendDisposition({ kind: 'disposition', role: false, first: response.id, settled: true });
  }

  /** A delivery came without credit (AMQP 2.6.7). */
  refuseTransfer(handle: number): void {
    this.#host.note('no-credit', `transfer on handle ${handle} without credit`);
    const link = this.#links.get(handle);
    if (link !== undefined) {
      this.#detachByUs(link, { condition: 'amqp:link:transfer-limit-exceeded' });
    }
  }

  breach(kind: ViolationKind, error: ErrorValue): void {
    this.#host.note(kind, error.description ?? error.condition);
    this.#host.fail(error);
  }

  // From the client.

  #attach(attach: Attach): void {
    if (this.#links.has(attach.handle)) {
      return this.breach('protocol-error', {
        condition: 'amqp:session:handle-in-use',
        description: `handle ${attach.handle} is in use`,
      });
    }
    if (attach.role) this.#attachReceiver(attach);
    else this.#attachSender(attach);
  }

  #attachReceiver(attach: Attach): void {
    if (attach.source?.address === TRACKING_ADDRESS) return this.#attachTracking(attach);
    if (attach.source?.dynamic !== true) return this.#refuseLink(attach, 'no dynamic source');
    const link = new ReplyLink(this, attach.handle);
    link.named(this.#host.replies.assign(link));
    this.#links.set(attach.handle, link);
    this.#host.send(this.channel, answerToReceiver(attach, link.address));
  }

  #attachTracking(attach: Attach): void {
    if (!this.#host.isEdge) {
      const text = 'Connection does not support address tracking';
      return this.#refuseLink(attach, text, 'qd:connection-role');
    }
    this.#links.set(attach.handle, new TrackingLink(this, attach.handle));
    this.#host.send(this.channel, answerToReceiver(attach, TRACKING_ADDRESS));
  }

  /** Only addresses that the client has a sender to are told of. */
  #track(routingKey: string): void {
    const links = [...this.#links.values()];
    const hasSender = links.some((it) => it instanceof RequestLink && it.address === routingKey);
    if (!hasSender) return;
    const isReachable = this.#host.dispatcher.connectors.grantsCredit(routingKey);
    for (const link of links) if (link instanceof TrackingLink) link.tell(routingKey, isReachable);
  }

  #attachSender(attach: Attach): void {
    const capabilities = attach.target?.capabilities ?? [];
    if (capabilities.some((name) => name.startsWith('qd.router'))) {
      return this.#refuseLink(attach, 'links between routers are not taken here');
    }
    if (this.#isForbidden(attach.target?.address)) {
      const text = 'link disallowed by local policy';
      return this.#refuseLink(attach, text, 'amqp:unauthorized-access');
    }
    if (capabilities.includes('qd.resend-released')) {
      this.#host.note('forbidden-capability', `qd.resend-released on ${attach.name}`);
    }
    const link = new RequestLink({
      session: this,
      dispatcher: this.#host.dispatcher,
      handle: attach.handle,
      address: attach.target?.address,
      isStreaming: capabilities.includes('qd.streaming-deliveries'),
    });
    this.#links.set(attach.handle, link);
    this.#host.send(this.channel, answerToSender(attach));
    link.offerCredit();
    if (link.address !== undefined) this.#track(link.address);
  }

  #isForbidden(address: string | undefined): boolean {
    if (address === undefined) return false;
    return this.#host.dispatcher.connectors.find(address)?.behaviour === 'forbid';
  }

  /** AMQP 2.6.3: answer the attach, then detach with the reason. */
  #refuseLink(attach: Attach, description: string, condition = 'amqp:not-allowed'): void {
    const { handle } = attach;
    this.#host.send(this.channel, answerToSender({ ...attach, source: {}, target: {} }));
    this.#detaching.add(handle);
    const error = { condition, description };
    this.#host.send(this.channel, { kind: 'detach', handle, closed: true, error });
  }

  #flow(flow: Flow): void {
    this.#window.update(flow);
    const link = flow.handle === undefined ? undefined : this.#links.get(flow.handle);
    if (link instanceof ReplyLink || link instanceof TrackingLink)
      link.flow(flow.deliveryCount ?? 0, flow.linkCredit ?? 0);
    if (flow.echo === true) this.#host.send(this.channel, this.#window.flow());
    // As skrouterd: what the window has stopped goes on at a flow of a link (router-stream-protocol.md 3).
    if (flow.handle !== undefined) this.pump();
  }

  #transfer(transfer: Transfer, payload: Buffer): void {
    if (!this.#window.received()) {
      return this.breach('session-window-overrun', {
        condition: 'amqp:session:window-violation',
        description: 'transfer beyond the incoming window',
      });
    }
    const link = this.#links.get(transfer.handle);
    if (link instanceof RequestLink) link.transfer(transfer, payload);
    else if (!this.#detaching.has(transfer.handle)) this.#unknownHandle(transfer.handle);
    if (this.#window.isRefreshDue) this.#host.send(this.channel, this.#window.flow());
  }

  #disposition(disposition: Disposition): void {
    if (!disposition.role) return;
    const last = disposition.last ?? disposition.first;
    for (const [id, response] of this.#responses) {
      if (id >= disposition.first && id <= last) this.#decideResponse(response, disposition);
    }
  }

  #decideResponse(response: ResponseDelivery, { state, settled }: Disposition): void {
    if (state?.kind === 'received' && settled !== true) {
      return response.acknowledged(state.sectionOffset);
    }
    if (state === undefined && settled !== true) return;
    this.#responses.delete(response.id);
    response.decided();
  }

  #detach(handle: number): void {
    if (this.#detaching.delete(handle)) return;
    const link = this.#links.get(handle);
    if (link === undefined) return this.#unknownHandle(handle);
    this.#links.delete(handle);
    this.#release(link);
    this.#host.send(this.channel, { kind: 'detach', handle, closed: true });
  }

  #detachByUs(link: Link, error: ErrorValue): void {
    this.#links.delete(link.handle);
    this.#detaching.add(link.handle);
    this.#release(link);
    const { handle } = link;
    this.#host.send(this.channel, { kind: 'detach', handle, closed: true, error });
  }

  #release(link: Link): void {
    if (link instanceof RequestLink) link.abandon();
    else if (link instanceof ReplyLink) this.#closeReply(link);
  }

  #closeReply(link: ReplyLink): void {
    this.#host.replies.forget(link.address);
    link.close();
  }

  #unknownHandle(handle: number): void {
    const description = `no such handle: ${handle}`;
    this.breach('protocol-error', { condition: 'amqp:invalid-field', description });
  }
}
