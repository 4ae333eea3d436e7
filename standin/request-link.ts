import {
  AmqpError,
  OpeningReader,
  type DeliveryState,
  type Transfer,
} from '../src/network/amqp/codec/codec.ts';
import type { Dispatcher } from './dispatcher.ts';
import { ROUTER_LIMITS } from './router-limits.ts';
import { RequestDelivery, type RequestReporter } from './request-delivery.ts';
import type { LinkSession } from './link-session.ts';

const EMPTY: Buffer = Buffer.alloc(0);

export interface RequestLinkParts {
  readonly session: LinkSession;
  readonly dispatcher: Dispatcher;
  readonly handle: number;
  /** Undefined: an anonymous link, routed by the message's `to`. */
  readonly address: string | undefined;
  /** The client asked for `qd.streaming-deliveries`. */
  readonly isStreaming: boolean;
}

/** A sending link of the client: credit while its address has a consumer, one delivery at a time. */
export class RequestLink implements RequestReporter {
  readonly handle: number;
  readonly address: string | undefined;
  readonly #parts: RequestLinkParts;
  #credit = 0;
  #deliveryCount = 0;
  #current: RequestDelivery | undefined;
  /** Until the opening of the delivery in progress is understood. */
  #opening: OpeningReader | undefined;
  #held: Buffer = EMPTY;

  constructor(parts: RequestLinkParts) {
    this.#parts = parts;
    this.handle = parts.handle;
    this.address = parts.address;
  }

  /** Grants credit where there is none and a consumer is known. */
  offerCredit(): void {
    if (this.#credit === 0) this.#refill();
  }

  transfer(transfer: Transfer, payload: Buffer): void {
    const delivery = this.#current ?? this.#begin(transfer);
    if (delivery === undefined) return;
    if (transfer.aborted === true) return this.#abort(delivery);
    const isLast = transfer.more !== true;
    if (this.#opening === undefined) delivery.accept(payload);
    else this.#readHead(delivery, payload, isLast);
    if (!isLast) return;
    delivery.complete();
    this.#finish();
  }

  /** The link is gone: by detach, end or the loss of the connection. */
  abandon(): void {
    this.#current?.abandon();
    this.#current = undefined;
    this.#opening = undefined;
    this.#held = EMPTY;
  }

  report(delivery: RequestDelivery, state: DeliveryState, settled: boolean): void {
    if (state.kind === 'released') this.#refill();
    this.#parts.session.sendDisposition({
      kind: 'disposition',
      role: true,
      first: delivery.id,
      settled: settled || undefined,
      state,
    });
  }

  overrun(_delivery: RequestDelivery, outstanding: number): void {
    const found = `${outstanding} octets unacknowledged, window ${ROUTER_LIMITS.octetWindow}`;
    this.#parts.session.breach('octet-window-overrun', {
      condition: 'amqp:resource-limit-exceeded',
      description: `connection delivery buffer limit exceeded: ${found}`,
    });
  }

  #begin(transfer: Transfer): RequestDelivery | undefined {
    if (transfer.deliveryId === undefined || transfer.deliveryTag === undefined) {
      this.#parts.session.breach('protocol-error', {
        condition: 'amqp:invalid-field',
        description: 'first transfer of a delivery has no delivery-id or tag',
      });
      return undefined;
    }
    if (this.#credit === 0) {
      this.#parts.session.refuseTransfer(this.handle);
      return undefined;
    }
    this.#credit -= 1;
    this.#deliveryCount += 1;
    this.#opening = new OpeningReader();
    this.#current = new RequestDelivery(transfer.deliveryId, this);
    return this.#current;
  }

  #abort(delivery: RequestDelivery): void {
    delivery.abandon();
    this.#finish();
  }

  #finish(): void {
    this.#current = undefined;
    this.#opening = undefined;
    this.#held = EMPTY;
    this.#refill();
  }

  #readHead(delivery: RequestDelivery, payload: Buffer, isLast: boolean): void {
    const held = this.#hold(payload, isLast);
    if (held === undefined) return;
    const read = readOpening(this.#opening!, held);
    if (read === undefined) return;
    this.#opening = undefined;
    if (read === 'malformed') return delivery.decide({ kind: 'released' });
    delivery.accept(read.rest);
    this.#parts.dispatcher.dispatch(delivery, this.address ?? read.opening.to, read.opening);
  }

  /** Without `qd.streaming-deliveries` a router routes nothing before the end, or 256 KiB. */
  #hold(payload: Buffer, isLast: boolean): Buffer | undefined {
    if (this.#parts.isStreaming) return payload;
    this.#held = Buffer.concat([this.#held, payload]);
    if (!isLast && this.#held.length < ROUTER_LIMITS.heldMessageOctets) return undefined;
    const held = this.#held;
    this.#held = EMPTY;
    return held;
  }

  #refill(): void {
    if (this.#credit === ROUTER_LIMITS.linkCredit) return;
    const isReachable =
      this.address === undefined || this.#parts.dispatcher.connectors.grantsCredit(this.address);
    if (!isReachable) return;
    this.#credit = ROUTER_LIMITS.linkCredit;
    this.#parts.session.sendLinkFlow(this.handle, this.#deliveryCount, this.#credit);
  }
}

/** Sections that are no stream opening: the far side releases them as wrong encapsulation. */
function readOpening(reader: OpeningReader, payload: Buffer) {
  try {
    return reader.push(payload);
  } catch (error) {
    if (error instanceof AmqpError) return 'malformed';
    throw error;
  }
}
