import { ValueWriter } from '../src/network/amqp/codec/codec.ts';
import { ROUTER_ANNOTATIONS } from './router-annotations.ts';
import type { LinkSession } from './link-session.ts';

export const TRACKING_ADDRESS = '_$qd.edge_addr_tracking';

/** Changes that may wait for credit; a client that takes none loses the oldest. */
const MAX_WAITING = 256;
const HEADER_SECTION = Buffer.from('005370d0000000050000000142', 'hex');

/** The address tracking of an edge listener: tells which addresses the client sends to have consumers. */
export class TrackingLink {
  readonly handle: number;
  readonly #session: LinkSession;
  readonly #said = new Map<string, boolean>();
  #waiting: Buffer[] = [];
  #credit = 0;
  #deliveryCount = 0;

  constructor(session: LinkSession, handle: number) {
    this.#session = session;
    this.handle = handle;
  }

  flow(deliveryCount: number, linkCredit: number): void {
    this.#credit = (deliveryCount + linkCredit - this.#deliveryCount) | 0;
    this.#pump();
  }

  /** Nothing is said of an address that never had a consumer. */
  tell(routingKey: string, isReachable: boolean): void {
    if ((this.#said.get(routingKey) ?? false) === isReachable) return;
    this.#said.set(routingKey, isReachable);
    this.#waiting.push(messageOf(routingKey, isReachable));
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#pump();
  }

  #pump(): void {
    while (this.#credit > 0 && this.#waiting.length > 0) {
      this.#credit -= 1;
      this.#deliveryCount += 1;
      this.#session.sendWhole(this.handle, this.#waiting.shift()!);
    }
  }
}

function messageOf(routingKey: string, isReachable: boolean): Buffer {
  const writer = new ValueWriter();
  writer.octets(ROUTER_ANNOTATIONS);
  writer.octets(HEADER_SECTION);
  writer.octet(0x00);
  writer.ulong(0x77);
  writer.value([`M${routingKey}`, isReachable]);
  return writer.take();
}
