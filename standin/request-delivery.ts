import type { DeliveryState } from '../src/network/amqp/codec/codec.ts';
import { ROUTER_LIMITS } from './router-limits.ts';

/** Where the octets of a request go once the opening is understood. */
export interface RequestConsumer {
  octets(chunk: Uint8Array): void;
  /** The client's half is complete. */
  requestEnded(): void;
  /** The client gave the stream up. */
  aborted(): void;
}

/** What a request delivery asks of its session. */
export interface RequestReporter {
  /** Sends a disposition for this delivery. */
  report(delivery: RequestDelivery, state: DeliveryState, settled: boolean): void;
  /** The client sent more than it may: the connection must be closed. */
  overrun(delivery: RequestDelivery, outstanding: number): void;
}

/**
 * One request stream from the client's transfers to the backend, with its octet window: what arrived
 * and is not yet acknowledged never exceeds 1,042,432 octets, so neither does what is held here.
 */
export class RequestDelivery {
  readonly id: number;
  readonly #reporter: RequestReporter;
  #consumer: RequestConsumer | undefined;
  #held: Uint8Array[] = [];
  #received = 0;
  #written = 0;
  #acknowledged = 0;
  /** The client's last transfer arrived. */
  #isComplete = false;
  /** Called once, when neither side counts it any more. */
  #onOver: (() => void) | undefined;
  /** An outcome was sent, or the delivery was aborted or settled by the client. */
  #isDecided = false;

  constructor(id: number, reporter: RequestReporter) {
    this.id = id;
    this.#reporter = reporter;
  }

  get isDecided(): boolean {
    return this.#isDecided;
  }

  /** Body octets seen so far, the opening's sections not counted. */
  get receivedOctets(): number {
    return this.#received;
  }

  whenOver(action: () => void): void {
    this.#onOver = action;
  }

  accept(chunk: Uint8Array): void {
    if (this.#isDecided || chunk.length === 0) return;
    this.#received += chunk.length;
    const outstanding = this.#received - this.#acknowledged;
    if (outstanding > ROUTER_LIMITS.octetWindow) {
      this.#reporter.overrun(this, outstanding);
      return;
    }
    if (this.#consumer === undefined) this.#held.push(chunk);
    else this.#consumer.octets(chunk);
  }

  complete(): void {
    this.#isComplete = true;
    if (this.#isDecided) this.#over();
    else this.#consumer?.requestEnded();
  }

  /** The client aborted, detached or ended: no outcome is sent any more. */
  abandon(): void {
    this.#over();
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#held = [];
    this.#consumer?.aborted();
  }

  /** Hands over what arrived so far, and everything after. */
  connect(consumer: RequestConsumer): void {
    this.#consumer = consumer;
    for (const chunk of this.#held) consumer.octets(chunk);
    this.#held = [];
    if (this.#isComplete) consumer.requestEnded();
  }

  /** Octets reached the backend's socket: acknowledged each 521,216 (router-stream-protocol.md 7). */
  written(octets: number): void {
    this.#written += octets;
    if (this.#isDecided || this.#written - this.#acknowledged < ROUTER_LIMITS.octetThreshold) {
      return;
    }
    this.#acknowledged = this.#written;
    const state = { kind: 'received', sectionNumber: 0, sectionOffset: this.#written } as const;
    this.#reporter.report(this, state, false);
  }

  /** The outcome. Accepted comes settled, the others leave the settling to the client. */
  decide(state: DeliveryState): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    this.#held = [];
    this.#reporter.report(this, state, state.kind === 'accepted');
    // An outcome of an unfinished delivery is settled when the client has ended it, and counts until then.
    if (this.#isComplete) this.#over();
  }

  #over(): void {
    const action = this.#onOver;
    this.#onOver = undefined;
    action?.();
  }
}
