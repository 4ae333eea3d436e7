import type { Clock } from '../core/clock.ts';
import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodySource } from '../core/message.ts';
import type { Forwarding } from './forwarding.ts';
import { PacedBody } from './paced-body.ts';
import { PacedFlow } from './paced-flow.ts';
import type { ResponseReceiver } from './response-receiver.ts';

/** A forwarding as the pipeline steers it. */
export interface Forwarded {
  /** The receiver has room again. Idempotent. */
  resume(): void;
  /** The client is gone, time is up, or all is done. Idempotent. */
  abort(error: GatewayError): void;
}

export interface PacedForwardingParts {
  readonly bytesPerSecond: number;
  readonly clock: Clock;
  readonly receiver: ResponseReceiver;
  readonly body: BodySource;
}

/** A forwarding of which both directions, each by itself, are held to `limits.bandwidth`. */
export class PacedForwarding implements ResponseReceiver, Forwarded {
  /** In place of the body that was given. */
  readonly body: PacedBody;
  readonly #receiver: ResponseReceiver;
  readonly #response: PacedFlow;
  #forwarding: Forwarding | undefined;

  constructor({ bytesPerSecond, clock, receiver, body }: PacedForwardingParts) {
    this.body = new PacedBody(body, bytesPerSecond, clock);
    this.#receiver = receiver;
    // A `data` that returned false has paused the forwarding already.
    const source = { pause() {}, resume: () => this.#forwarding?.resume() };
    this.#response = new PacedFlow({
      bytesPerSecond,
      clock,
      source,
      deliver: (octets) => this.#deliver(octets),
    });
  }

  /** Before its start. */
  steer(forwarding: Forwarding): void {
    this.#forwarding = forwarding;
  }

  resume(): void {
    this.#response.release();
    // An interim response that found no room pauses without the flow.
    if (!this.#response.isPaused) this.#forwarding?.resume();
  }

  abort(error: GatewayError): void {
    this.#stop();
    this.#forwarding?.abort(error);
  }

  requestOctets(bytes: number): void {
    this.#receiver.requestOctets(bytes);
  }

  retried(): void {
    this.#receiver.retried();
  }

  informational(status: number, headers: HeaderList): boolean {
    return this.#receiver.informational(status, headers);
  }

  head(status: number, headers: HeaderList, isWhole: boolean): void {
    this.#receiver.head(status, headers, isWhole);
  }

  data(chunk: Uint8Array): boolean {
    this.#response.data(chunk);
    return !this.#response.isPaused;
  }

  end(trailers: HeaderList): void {
    this.#response.end(() => this.#receiver.end(trailers));
  }

  fail(error: GatewayError): void {
    this.#stop();
    this.#receiver.fail(error);
  }

  #deliver(octets: Uint8Array): void {
    if (!this.#receiver.data(octets)) this.#response.hold();
  }

  #stop(): void {
    this.body.stop();
    this.#response.stop();
  }
}
