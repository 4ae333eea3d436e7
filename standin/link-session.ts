import type { Disposition, ErrorValue, Transfer } from '../src/network/amqp/codec/codec.ts';
import type { ResponseDelivery } from './response-delivery.ts';
import type { ViolationKind } from './violations.ts';

/** What a link needs of its session. */
export interface LinkSession {
  readonly isEdge: boolean;
  /** A message that fits one frame, settled with it. */
  sendWhole(handle: number, payload: Buffer): void;
  /** Octets of payload that fit in the next frame; 0 when the socket is full or the window is closed. */
  transferRoom(): number;
  sendTransfer(transfer: Transfer, payload: Uint8Array): void;
  sendDisposition(disposition: Disposition): void;
  sendLinkFlow(handle: number, deliveryCount: number, linkCredit: number): void;
  nextResponseId(): number;
  track(response: ResponseDelivery): void;
  untrack(response: ResponseDelivery): void;
  settleResponse(response: ResponseDelivery): void;
  /** A delivery came without credit (AMQP 2.6.7): the link is detached. */
  refuseTransfer(handle: number): void;
  breach(kind: ViolationKind, error: ErrorValue): void;
}
