import {
  AmqpError,
  type Disposition,
  type Transfer,
  type StreamOpening,
  OpeningReader,
  STREAM_CONTENT_TYPE,
} from '../codec/codec.ts';
import { concerns } from '../session/delivery-ids.ts';
import { ReceivedOctets } from './octet-window.ts';
import type { Session } from '../session/session.ts';

/** Our handle of the receiving link. */
export const RESPONSE_HANDLE = 0;

/** A small payload is copied, or each would keep the whole chunk it came in alive. */
const COPY_BELOW_BYTES = 1024;

/** The receiving link of the stream. */
export interface ResponseLink {
  readonly replyTo: string | undefined;
  /** Says again what the link may carry, and how many transfers the session takes by now. */
  grant(): void;
}

export type TransferResult = 'more' | 'opened' | 'aborted';

/** The application-to-client half of a lane (contract sections 6 to 8). */
export class ResponseStream {
  readonly #session: Session;
  readonly #link: ResponseLink;
  readonly #octets = new ReceivedOctets();
  readonly #opening = new OpeningReader();
  #deliveryId: number | undefined;
  /** Payloads not yet taken by the consumer, one entry a transfer; bounded by the session window. */
  #queue: Buffer[] = [];
  #takenBytes = 0;
  #isOpened = false;
  #isComplete = false;
  #isSettled = false;

  constructor(session: Session, link: ResponseLink) {
    this.#session = session;
    this.#link = link;
  }

  /** The application's FIN has arrived; octets may still be queued. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get isDrained(): boolean {
    return this.#isComplete && this.#queue.length === 0;
  }

  /** Throws AmqpError for a transfer that does not belong to this stream. */
  transferred(transfer: Transfer, payload: Buffer): TransferResult {
    this.#checkDelivery(transfer);
    if (transfer.settled === true) this.#isSettled = true;
    if (transfer.aborted === true) {
      this.#isSettled = true;
      return 'aborted';
    }
    const wasOpened = this.#isOpened;
    const octets = wasOpened ? payload : this.#open(payload);
    if (transfer.more !== true) this.#finish();
    this.#queue.push(copiedIfSmall(octets));
    return this.#isOpened && !wasOpened ? 'opened' : 'more';
  }

  /** All octets were consumed, and both sides know. */
  get isAccepted(): boolean {
    return this.isDrained && this.#isSettled;
  }

  /** When the peer settled as the sender, no disposition of ours is needed any more. */
  disposed(disposition: Disposition): void {
    if (disposition.settled !== true || this.#deliveryId === undefined) return;
    // On links that are used again it may be about the stream before.
    if (concerns(disposition, this.#deliveryId)) this.#isSettled = true;
  }

  /** The next octets; undefined: none are here. */
  take(): Buffer | undefined {
    while (this.#queue.length > 0) {
      const octets = this.#queue.shift()!;
      this.#takenBytes += octets.length;
      if (this.#session.window.consumed()) this.#link.grant();
      if (octets.length > 0) return octets;
    }
    return undefined;
  }

  /** Says how much was taken, when that is enough to say. */
  acknowledge(): void {
    if (this.#isComplete || this.#deliveryId === undefined) return;
    const total = this.#octets.toAcknowledge(this.#takenBytes);
    if (total === undefined) return;
    this.#dispose({
      settled: false,
      state: { kind: 'received', sectionNumber: 0, sectionOffset: total },
    });
  }

  /** All of it was consumed. */
  accept(): void {
    if (!this.#isSettled) this.#dispose({ settled: true, state: { kind: 'accepted' } });
    this.#isSettled = true;
  }

  /** An unfinished response is given back as modified (router-stream-protocol.md 8). */
  abort(): void {
    this.#queue = [];
    if (this.#deliveryId === undefined || this.#isSettled) return;
    this.#dispose({
      settled: true,
      state: { kind: 'modified', deliveryFailed: true, undeliverableHere: true },
    });
    this.#isSettled = true;
  }

  #dispose(about: Pick<Disposition, 'settled' | 'state'>): void {
    const id = this.#deliveryId!;
    this.#session.send({ kind: 'disposition', role: true, first: id, last: id, ...about });
  }

  #checkDelivery(transfer: Transfer): void {
    if (this.#isComplete) {
      const text = 'second delivery on a link with one credit';
      throw new AmqpError('amqp:link:transfer-limit-exceeded', text);
    }
    const id = transfer.deliveryId ?? this.#deliveryId;
    if (id === undefined) {
      throw new AmqpError('amqp:invalid-field', 'first transfer without delivery-id');
    }
    if (this.#deliveryId !== undefined && id !== this.#deliveryId) {
      throw new AmqpError('amqp:not-allowed', `delivery ${id} begins within ${this.#deliveryId}`);
    }
    this.#deliveryId = id;
  }

  #open(payload: Buffer): Buffer {
    const found = this.#opening.push(payload);
    if (found === undefined) return payload.subarray(0, 0);
    this.#checkOpening(found.opening);
    this.#isOpened = true;
    return found.rest;
  }

  #checkOpening(opening: StreamOpening): void {
    const { replyTo } = this.#link;
    if (opening.to !== replyTo) {
      const text = `response to ${opening.to}, wanted ${replyTo}`;
      throw new AmqpError('amqp:invalid-field', text);
    }
    if (opening.contentType === STREAM_CONTENT_TYPE) return;
    const text = `content-type ${opening.contentType}, wanted ${STREAM_CONTENT_TYPE}`;
    throw new AmqpError('amqp:invalid-field', text);
  }

  #finish(): void {
    if (!this.#isOpened) throw new AmqpError('amqp:decode-error', 'stream ends in its opening');
    this.#isComplete = true;
  }
}

function copiedIfSmall(octets: Buffer): Buffer {
  return octets.length < COPY_BELOW_BYTES ? Buffer.from(octets) : octets;
}
