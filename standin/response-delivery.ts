import { ROUTER_LIMITS } from './router-limits.ts';

/** What a response delivery needs of its link and session. */
export interface ResponseSender {
  /** Octets that fit in the next transfer; 0 when the session window or the socket is full. */
  room(): number;
  transfer(delivery: ResponseDelivery, payload: Uint8Array, end: TransferEnd): void;
  /** `disposition(role=false, settled=true)` for a final transfer that left it open. */
  settle(delivery: ResponseDelivery): void;
  /** The last transfer is out: the link may be used for the next response. */
  ended(delivery: ResponseDelivery): void;
}

export interface TransferEnd {
  readonly more: boolean;
  readonly settled: boolean;
  readonly aborted: boolean;
}

const MORE: TransferEnd = { more: true, settled: false, aborted: false };
const FINAL: TransferEnd = { more: false, settled: false, aborted: false };
const FINAL_SETTLED: TransferEnd = { more: false, settled: true, aborted: false };
const ABORTED: TransferEnd = { more: false, settled: true, aborted: true };
const EMPTY = new Uint8Array(0);

/** Told when more octets can be taken, and when the client acted on the delivery. */
export interface ResponseListener {
  drained(): void;
  /** The last transfer is out. */
  responseEnded(): void;
  /** The client settled or decided before the end: it wants no more. */
  refused(): void;
}

/**
 * One response stream to the client. It holds at most one chunk of the backend, and sends while three
 * windows are open: the session's transfers, the socket, and 1,042,432 unacknowledged octets.
 */
export class ResponseDelivery {
  readonly id: number;
  readonly tag: Uint8Array;
  readonly #sender: ResponseSender;
  readonly #listener: ResponseListener;
  #opening: Uint8Array | undefined;
  #pending: Uint8Array | undefined;
  #sent = 0;
  #acknowledged = 0;
  #end: TransferEnd | undefined;
  #isEnded = false;
  #isSettled = false;

  constructor(
    id: number,
    tag: Uint8Array,
    parts: { readonly sender: ResponseSender; readonly listener: ResponseListener },
  ) {
    this.id = id;
    this.tag = tag;
    this.#sender = parts.sender;
    this.#listener = parts.listener;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Body octets sent and not acknowledged. */
  get outstandingOctets(): number {
    return this.#sent - this.#acknowledged;
  }

  /** The opening: sections only, before any octet. */
  open(sections: Uint8Array): void {
    this.#opening = sections;
    this.pump();
  }

  /** Takes one chunk; the next may come after `drained`. */
  push(chunk: Uint8Array): void {
    this.#pending = chunk;
    this.pump();
  }

  /** The last transfer, after what is pending. `isConnectionGone`: nobody can write to it any more. */
  finish(isConnectionGone: boolean): void {
    this.#end ??= isConnectionGone ? FINAL_SETTLED : FINAL;
    this.pump();
  }

  /** The final transfer, whatever is pending: the connection behind it is gone. */
  cut(): void {
    this.#pending = undefined;
    this.#end = FINAL_SETTLED;
    this.pump();
  }

  /** The far router was lost: what is pending is dropped. */
  abort(): void {
    this.#pending = undefined;
    this.#end = ABORTED;
    this.pump();
  }

  /** The connection behind an ended response is gone. */
  settle(): void {
    if (this.#end === FINAL) this.#end = FINAL_SETTLED;
    if (!this.#isEnded || this.#isSettled) return;
    this.#isSettled = true;
    this.#sender.settle(this);
  }

  /** `received` from the client. Zero and decreases mean nothing. */
  acknowledged(offset: number): void {
    if (offset <= this.#acknowledged) return;
    this.#acknowledged = offset;
    this.pump();
  }

  /** A terminal state or a settlement from the client. */
  decided(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    if (!this.#isEnded) this.#listener.refused();
  }

  /** Sends what the windows allow, then asks for more. */
  pump(): void {
    if (this.#isEnded || !this.#sendOpening()) return;
    while (this.#pending !== undefined) {
      if (this.#isWindowClosed() || !this.#sendPart()) return;
    }
    if (this.#end !== undefined) this.#sendEnd(this.#end);
    else if (!this.#isWindowClosed()) this.#listener.drained();
  }

  #isWindowClosed(): boolean {
    return this.outstandingOctets >= ROUTER_LIMITS.octetWindow && !this.#isSettled;
  }

  #sendOpening(): boolean {
    if (this.#opening === undefined) return true;
    if (this.#sender.room() === 0) return false;
    const sections = this.#opening;
    this.#opening = undefined;
    this.#sender.transfer(this, sections, MORE);
    return true;
  }

  #sendPart(): boolean {
    const room = this.#sender.room();
    if (room === 0) return false;
    const chunk = this.#pending!;
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
    this.#pending = chunk.length <= room ? undefined : chunk.subarray(room);
    this.#sent += part.length;
    this.#sender.transfer(this, part, MORE);
    return true;
  }

  #sendEnd(end: TransferEnd): void {
    if (this.#sender.room() === 0) return;
    this.#isEnded = true;
    this.#isSettled ||= end.settled;
    this.#sender.transfer(this, EMPTY, end);
    this.#sender.ended(this);
    this.#listener.responseEnded();
  }
}
