import { type DeliveryState, encodeOpening } from '../codec/codec.ts';
import { ACK_THRESHOLD_BYTES, SentOctets } from './octet-window.ts';
import type { SendQueue, FrameSender } from '../connection/send-queue.ts';
import type { Session } from '../session/session.ts';
import type { CapAccount, UnacknowledgedCap } from './unacknowledged-cap.ts';

export interface OpeningAddress {
  readonly routingKey: string;
  readonly replyTo: string;
  /** What the far connector shall name in a TLS of its own. */
  readonly alpn: string | undefined;
}

/** Our handle of the sending link. */
export const REQUEST_HANDLE = 1;

/** What a request stream shares with the others of its connection. */
export interface RequestStreamHost {
  readonly sendQueue: SendQueue;
  readonly cap: UnacknowledgedCap;
  /** Octets of payload that fit into one frame of the router's size. */
  readonly maxPayloadBytes: number;
  /** The cap has room again: lanes that waited for it are to be queued. */
  capReleased(): void;
  waitForCap(sender: FrameSender): void;
  forget(sender: FrameSender): void;
}

/** The client-to-application half of a lane: one delivery that goes on until FIN (contract 5, 7, 8). */
export class RequestStream implements FrameSender {
  isQueued = false;
  readonly #session: Session;
  readonly #host: RequestStreamHost;
  readonly #octets = new SentOctets();
  readonly #account: CapAccount = { excess: 0 };
  readonly #sent: () => void;
  /** Octets that are not with the connection yet. */
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #isCorked = false;
  #isFinishing = false;
  /** A write or the end was not handed over at once: `sent` is to be called. */
  #isAwaited = false;
  #deliveryId = 0;
  #state: 'idle' | 'opening' | 'sending' | 'complete' = 'idle';
  #outcome: DeliveryState['kind'] | 'settled' | undefined;
  #isSettledByPeer = false;

  /** `sent` is called when everything is with the connection, after a call that returned false. */
  constructor(session: Session, host: RequestStreamHost, sent: () => void) {
    this.#session = session;
    this.#host = host;
    this.#sent = sent;
  }

  /** Terminal state or bare settlement; undefined while the application's side goes on. */
  get outcome(): DeliveryState['kind'] | 'settled' | undefined {
    return this.#outcome;
  }

  /** Nothing is on its way to the connection. */
  get isIdle(): boolean {
    return this.#partsBytes === 0 && (!this.#isFinishing || this.isComplete);
  }

  /** The end was asked for; it may still wait behind octets. */
  get isFinishing(): boolean {
    return this.#isFinishing;
  }

  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  /** So much is not acknowledged that the application, should it read, must be seen to (router-stream-protocol.md 7). */
  get isUnread(): boolean {
    return !this.isComplete && this.#octets.unacknowledged >= ACK_THRESHOLD_BYTES;
  }

  /** All octets and the end were sent, and the far side took them. */
  get isAccepted(): boolean {
    return this.#state === 'complete' && this.#outcome === 'accepted';
  }

  /** The opening transfer alone (router-stream-protocol.md 5: no request octet before the response opening). */
  open(deliveryId: number, to: OpeningAddress): void {
    this.#deliveryId = deliveryId;
    this.#state = 'opening';
    const opening = encodeOpening({
      to: to.routingKey,
      replyTo: to.replyTo,
      correlationId: undefined,
      applicationProperties: new Map<string, number | string>([
        ['V', 1],
        ...(to.alpn === undefined ? [] : [['alpn', to.alpn] as const]),
      ]),
    });
    const transfer = {
      kind: 'transfer',
      handle: REQUEST_HANDLE,
      deliveryId,
      deliveryTag: tagOf(deliveryId),
      messageFormat: 0,
      settled: false,
      more: true,
    } as const;
    this.#session.sendOpening(transfer, opening);
  }

  /** The response opening is here: request octets may go. */
  answered(): void {
    this.#state = 'sending';
    this.#queue();
  }

  /** True: everything is with the connection. */
  write(octets: Uint8Array | string): boolean {
    const part = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets;
    if (part.length > 0) this.#parts.push(part);
    this.#partsBytes += part.length;
    return this.#handOver();
  }

  /** Until `uncork` octets are only gathered, so that several writes share a frame. */
  cork(): void {
    this.#isCorked = true;
  }

  uncork(): boolean {
    this.#isCorked = false;
    return this.#handOver();
  }

  /** FIN, behind everything written. */
  finish(): boolean {
    this.#isFinishing = true;
    return this.#handOver();
  }

  sendFrame(): boolean {
    if (this.#state !== 'sending' || this.#isCorked) return false;
    if (this.#partsBytes === 0) return this.#sendLast();
    if (!this.#session.window.canSend) return false;
    const length = this.#admitted();
    if (length <= 0) return false;
    this.#sendPayload(length);
    if (!this.isIdle) return true;
    this.#tellSent();
    return !this.isIdle;
  }

  /** A disposition about our delivery. */
  disposed(state: DeliveryState | undefined, settled: boolean): void {
    if (state?.kind === 'received') {
      this.#octets.acknowledge(state.sectionOffset);
      this.#book();
      this.#host.sendQueue.add(this);
    }
    if (settled) this.#isSettledByPeer = true;
    if (this.#outcome !== undefined) return;
    if (state !== undefined && state.kind !== 'received') this.#outcome = state.kind;
    else if (settled) this.#outcome = 'settled';
  }

  /** The transfer window may have opened. */
  flowed(): void {
    this.#queue();
  }

  /** Settles a terminal state and aborts what is not complete (router-stream-protocol.md 8). */
  abort(): void {
    if (this.#state === 'idle') return;
    if (this.#outcome !== undefined && !this.#isSettledByPeer) this.#settle();
    const isOpen = this.#state !== 'complete' && !this.#isSettledByPeer;
    if (isOpen && this.#session.window.canSend) this.#sendAborted();
    this.#state = 'complete';
  }

  /** Gives everything shared back; what was not sent is dropped. */
  release(): void {
    this.#state = 'complete';
    this.forget();
  }

  /** The same for a stream that stays on the wire: it can still be aborted. */
  forget(): void {
    this.#host.forget(this);
    if (this.#host.cap.release(this.#account)) this.#host.capReleased();
    this.#parts = [];
    this.#partsBytes = 0;
    this.#isFinishing = false;
  }

  #handOver(): boolean {
    if (this.isIdle) return true;
    this.#queue();
    if (this.isIdle) return true;
    this.#isAwaited = true;
    return false;
  }

  #queue(): void {
    if (!this.isIdle) this.#host.sendQueue.add(this);
  }

  #admitted(): number {
    const wanted = Math.min(this.#partsBytes, this.#host.maxPayloadBytes);
    // After an outcome nobody counts any more (router-stream-protocol.md 7), and nobody reads either.
    if (this.#outcome !== undefined) return wanted;
    const length = Math.min(wanted, this.#octets.available);
    if (length <= 0) return 0;
    const admitted = this.#host.cap.admit(this.#account, this.#octets.unacknowledged, length);
    if (admitted === 0) this.#host.waitForCap(this);
    return admitted;
  }

  #sendPayload(length: number): void {
    const parts = this.#take(length);
    this.#session.sendContinuation(REQUEST_HANDLE, true, parts, length);
    this.#octets.sent(length);
    this.#book();
  }

  #take(length: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let left = length;
    let index = 0;
    while (left > 0) {
      const part = this.#parts[index]!;
      if (part.length > left) {
        taken.push(part.subarray(0, left));
        this.#parts[index] = part.subarray(left);
        break;
      }
      taken.push(part);
      left -= part.length;
      index += 1;
    }
    this.#parts.splice(0, index);
    this.#partsBytes -= length;
    return taken;
  }

  #sendLast(): boolean {
    if (!this.#isFinishing || !this.#session.window.canSend) return false;
    this.#session.sendContinuation(REQUEST_HANDLE, false, [], 0);
    this.#state = 'complete';
    this.#tellSent();
    return false;
  }

  #tellSent(): void {
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    this.#sent();
  }

  #book(): void {
    const isRoomMade = this.#host.cap.update(this.#account, this.#octets.unacknowledged);
    if (isRoomMade) this.#host.capReleased();
  }

  #settle(): void {
    this.#session.send({
      kind: 'disposition',
      role: false,
      first: this.#deliveryId,
      last: this.#deliveryId,
      settled: true,
    });
  }

  #sendAborted(): void {
    this.#session.window.sent();
    this.#session.send({
      kind: 'transfer',
      handle: REQUEST_HANDLE,
      settled: true,
      more: false,
      aborted: true,
    });
  }
}

/** Unique among the deliveries of the link. */
function tagOf(deliveryId: number): Buffer {
  const tag = Buffer.allocUnsafe(4);
  tag.writeUInt32BE(deliveryId >>> 0);
  return tag;
}
