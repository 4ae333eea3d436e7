import type { Clock } from '../src/core/clock.ts';
import type { DeliveryState } from '../src/network/amqp/codec/codec.ts';
import { type BackendListener, BackendSocket } from './backend-socket.ts';
import type { BackendAddress } from './connector-table.ts';
import type { ReplyLink } from './reply-link.ts';
import type { RequestConsumer, RequestDelivery } from './request-delivery.ts';
import type { ResponseDelivery, ResponseListener } from './response-delivery.ts';
import type { Violations } from './violations.ts';

const FAILED: DeliveryState = { kind: 'modified', deliveryFailed: true, undeliverableHere: false };

export interface CarriedStreamParts {
  readonly routingKey: string;
  readonly backend: BackendAddress;
  /** The protocol that the opening names, for a connector that speaks TLS. */
  readonly alpn: string | undefined;
  readonly request: RequestDelivery;
  readonly reply: ReplyLink;
  readonly clock: Clock;
  readonly violations: Violations;
  /** Called once, when both halves have ended or the stream was given up. */
  readonly onClosed: (stream: CarriedStream) => void;
}

/** One stream: the request delivery, the backend's TCP connection, the response delivery. */
export class CarriedStream implements BackendListener, RequestConsumer, ResponseListener {
  readonly routingKey: string;
  /** As it is in the table of connectors. */
  readonly backend: BackendAddress;
  readonly #parts: CarriedStreamParts;
  readonly #backend: BackendSocket;
  #response: ResponseDelivery | undefined;
  /** Our FIN is with the backend. */
  #isRequestDone = false;
  #isEarlyReported = false;
  #isClosed = false;

  constructor(parts: CarriedStreamParts) {
    this.routingKey = parts.routingKey;
    this.#parts = parts;
    this.backend = parts.backend;
    this.#backend = new BackendSocket(parts, this);
  }

  get request(): RequestDelivery {
    return this.#parts.request;
  }

  get response(): ResponseDelivery | undefined {
    return this.#response;
  }

  // From the client.

  octets(chunk: Uint8Array): void {
    if (this.#response === undefined && !this.#isEarlyReported) {
      this.#isEarlyReported = true;
      const detail = `${chunk.length} octets for ${this.routingKey} before the response opening`;
      this.#parts.violations.add('early-octets', detail);
    }
    this.#backend.write(chunk);
  }

  /** The client's half is complete. */
  requestEnded(): void {
    this.#backend.end();
  }

  aborted(): void {
    this.#response?.cut();
    this.#close();
  }

  refused(): void {
    this.#parts.request.decide(FAILED);
    this.#close();
  }

  drained(): void {
    this.#backend.resume();
  }

  responseEnded(): void {
    this.#closeWhenDone();
  }

  // From the backend.

  connected(): void {
    this.#parts.reply.open(this, (response) => {
      this.#response = response;
      this.#backend.resume();
    });
  }

  data(chunk: Buffer): void {
    this.#response?.push(chunk);
  }

  ended(): void {
    this.#response?.finish(this.#isRequestDone);
  }

  written(octets: number): void {
    this.#parts.request.written(octets);
  }

  finished(): void {
    this.#isRequestDone = true;
    this.#parts.request.decide({ kind: 'accepted' });
    this.#response?.settle();
    this.#closeWhenDone();
  }

  failed(): void {
    this.reset('response-first');
  }

  // On command.

  /** As when the backend resets, or its connector is deleted: both frames, in either order. */
  reset(order: 'response-first' | 'outcome-first'): void {
    if (this.#isClosed) return;
    if (order === 'outcome-first') this.#parts.request.decide(FAILED);
    this.#response?.cut();
    this.#parts.request.decide(FAILED);
    this.#close();
  }

  /** As when the router of the backend, or the link to it, is lost. */
  lose(): void {
    if (this.#isClosed) return;
    this.#response?.abort();
    this.#parts.request.decide({ kind: 'released' });
    this.#close();
  }

  #closeWhenDone(): void {
    if (this.#isRequestDone && this.#response?.isEnded === true) this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#backend.release();
    this.#parts.onClosed(this);
  }
}
