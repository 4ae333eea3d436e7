import type { Begin, Flow } from '../src/network/amqp/codec/codec.ts';
import { ROUTER_LIMITS } from './router-limits.ts';

/** The transfer windows of one session (AMQP 2.5.6); all ids are 32-bit serial numbers. */
export class RouterSessionWindow {
  #nextIncomingId: number;
  #incomingWindow: number = ROUTER_LIMITS.sessionWindow;
  #nextOutgoingId = 0;
  #remoteWindow: number;

  constructor(begin: Begin) {
    this.#nextIncomingId = begin.nextOutgoingId;
    this.#remoteWindow = begin.incomingWindow;
  }

  get isRemoteClosed(): boolean {
    return this.#remoteWindow <= 0;
  }

  /** The router refreshes lazily, when half is used. */
  get isRefreshDue(): boolean {
    return this.#incomingWindow <= ROUTER_LIMITS.sessionWindow / 2;
  }

  sent(): void {
    this.#nextOutgoingId = (this.#nextOutgoingId + 1) >>> 0;
    this.#remoteWindow -= 1;
  }

  /** False: the client sent more transfers than the window allows. */
  received(): boolean {
    this.#nextIncomingId = (this.#nextIncomingId + 1) >>> 0;
    this.#incomingWindow -= 1;
    return this.#incomingWindow >= 0;
  }

  update(flow: Flow): void {
    // Before our `begin` reached it, the client does not know our first id, which is 0.
    const nextIncomingId = flow.nextIncomingId ?? 0;
    this.#remoteWindow = (nextIncomingId + flow.incomingWindow - this.#nextOutgoingId) | 0;
  }

  /** What we are ready for now, as the session fields of a flow; opens the window fully. */
  flow(): Flow {
    this.#incomingWindow = ROUTER_LIMITS.sessionWindow;
    return {
      kind: 'flow',
      nextIncomingId: this.#nextIncomingId,
      incomingWindow: ROUTER_LIMITS.sessionWindow,
      nextOutgoingId: this.#nextOutgoingId,
      outgoingWindow: ROUTER_LIMITS.outgoingWindow,
    };
  }
}
