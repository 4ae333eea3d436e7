import { randomBytes } from 'node:crypto';
import { encodeOpening } from '../src/network/amqp/codec/codec.ts';
import { ResponseDelivery, type ResponseListener } from './response-delivery.ts';
import type { ResponseSender, TransferEnd } from './response-delivery.ts';
import { ROUTER_ANNOTATIONS } from './router-annotations.ts';
import type { LinkSession } from './link-session.ts';

/** Streams that may wait for credit on one reply address; more is a client gone wrong. */
const MAX_WAITING = 16;

interface Waiting {
  readonly listener: ResponseListener;
  readonly ready: (response: ResponseDelivery) => void;
}

/** A receiving link of the client with a dynamic address: one response stream per credit. */
export class ReplyLink implements ResponseSender {
  readonly handle: number;
  readonly #session: LinkSession;
  #address = '';
  #credit = 0;
  #deliveryCount = 0;
  #current: ResponseDelivery | undefined;
  #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(session: LinkSession, handle: number) {
    this.#session = session;
    this.handle = handle;
  }

  get address(): string {
    return this.#address;
  }

  named(address: string): void {
    this.#address = address;
  }

  /** The client's view of the link (AMQP 2.6.7): credit counts from its delivery-count. */
  flow(deliveryCount: number, linkCredit: number): void {
    this.#credit = (deliveryCount + linkCredit - this.#deliveryCount) | 0;
    this.pump();
  }

  /** Opens a response as soon as the link has credit and is free. */
  open(listener: ResponseListener, ready: (response: ResponseDelivery) => void): void {
    if (this.#isClosed || this.#waiting.length >= MAX_WAITING) return listener.refused();
    this.#waiting.push({ listener, ready });
    this.pump();
  }

  pump(): void {
    this.#current?.pump();
    while (this.#current === undefined && this.#credit > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#start(next);
    }
  }

  /** The link is gone: nobody can be answered on it. */
  close(): void {
    this.#isClosed = true;
    for (const { listener } of this.#waiting) listener.refused();
    this.#waiting = [];
  }

  room(): number {
    return this.#session.transferRoom();
  }

  transfer(delivery: ResponseDelivery, payload: Uint8Array, end: TransferEnd): void {
    this.#session.sendTransfer(
      {
        kind: 'transfer',
        handle: this.handle,
        deliveryId: delivery.id,
        deliveryTag: delivery.tag,
        messageFormat: 0,
        // The router leaves out what is false (router-stream-protocol.md 6: accept absent).
        settled: end.settled || undefined,
        more: end.more || undefined,
        aborted: end.aborted || undefined,
      },
      payload,
    );
  }

  settle(delivery: ResponseDelivery): void {
    this.#session.settleResponse(delivery);
  }

  ended(delivery: ResponseDelivery): void {
    if (delivery === this.#current) this.#current = undefined;
    if (delivery.isSettled) this.#session.untrack(delivery);
  }

  #start(waiting: Waiting): void {
    this.#credit -= 1;
    this.#deliveryCount += 1;
    const parts = { sender: this, listener: waiting.listener };
    const response = new ResponseDelivery(
      this.#session.nextResponseId(),
      Uint8Array.from(randomBytes(8)),
      parts,
    );
    this.#session.track(response);
    this.#current = response;
    waiting.ready(response);
    const opening = openingTo(this.#address);
    response.open(this.#session.isEdge ? Buffer.concat([ROUTER_ANNOTATIONS, opening]) : opening);
  }
}

/** router-stream-protocol.md 6: `to` and content-type, all else null. */
function openingTo(address: string): Buffer {
  return encodeOpening({
    to: address,
    replyTo: undefined,
    correlationId: undefined,
    applicationProperties: new Map([['V', 1]]),
  });
}
