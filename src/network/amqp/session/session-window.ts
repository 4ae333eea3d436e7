import { AmqpError, type Begin, type Flow } from '../codec/codec.ts';

/** Transfers a router may have sent us unread on one session: at most this times our max-frame-size. */
export const INCOMING_WINDOW = 64;
/** We never refuse to send for want of an outgoing window of our own. */
export const OUTGOING_WINDOW = 0x7fff_ffff;

/** The session fields of a flow or begin. */
export type SessionFlow = Pick<
  Flow,
  'nextIncomingId' | 'incomingWindow' | 'nextOutgoingId' | 'outgoingWindow'
>;

/**
 * How many transfers may go each way (AMQP 2.5.6). Ids are 32-bit serial numbers (RFC 1982), so they
 * are only ever subtracted, never compared.
 */
export class SessionWindow {
  readonly #initialOutgoingId: number;
  #nextOutgoingId: number;
  #remoteWindow = 0;
  #nextIncomingId: number | undefined;
  /** What the peer may still send by our last announcement. */
  #announced = INCOMING_WINDOW;
  /** Transfers received and not yet taken by the consumer. */
  #unconsumed = 0;

  constructor(initialOutgoingId = 0) {
    this.#initialOutgoingId = initialOutgoingId;
    this.#nextOutgoingId = initialOutgoingId;
  }

  get canSend(): boolean {
    return this.#remoteWindow > 0;
  }

  sent(): void {
    this.#nextOutgoingId = (this.#nextOutgoingId + 1) >>> 0;
    this.#remoteWindow -= 1;
  }

  begun(begin: Begin): void {
    this.#nextIncomingId = begin.nextOutgoingId;
    this.#remoteWindow = Math.min(begin.incomingWindow, OUTGOING_WINDOW);
  }

  /** A flow without next-incoming-id was sent before the peer saw our begin. */
  flowed(flow: Flow): void {
    const seen = flow.nextIncomingId ?? this.#initialOutgoingId;
    const inFlight = (this.#nextOutgoingId - seen) | 0;
    if (inFlight < 0) {
      const text = `next-incoming-id ${seen} is ahead of ${this.#nextOutgoingId}, our next`;
      throw new AmqpError('amqp:invalid-field', text);
    }
    this.#remoteWindow = Math.max(0, Math.min(flow.incomingWindow, OUTGOING_WINDOW) - inFlight);
  }

  received(): void {
    if (this.#announced === 0) {
      const text = `transfer beyond the session window of ${INCOMING_WINDOW}`;
      throw new AmqpError('amqp:session:window-violation', text);
    }
    this.#announced -= 1;
    this.#unconsumed += 1;
    this.#nextIncomingId = ((this.#nextIncomingId ?? 0) + 1) >>> 0;
  }

  /** True when half of the window would be won back by a flow: send one then. */
  consumed(): boolean {
    this.#unconsumed -= 1;
    return INCOMING_WINDOW - this.#unconsumed - this.#announced >= INCOMING_WINDOW / 2;
  }

  /** The session fields of the flow that is about to be sent. */
  announce(): SessionFlow {
    this.#announced = INCOMING_WINDOW - this.#unconsumed;
    return {
      nextIncomingId: this.#nextIncomingId,
      incomingWindow: this.#announced,
      nextOutgoingId: this.#nextOutgoingId,
      outgoingWindow: OUTGOING_WINDOW,
    };
  }
}
