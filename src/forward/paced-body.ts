import type { Clock } from '../core/clock.ts';
import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodyReceiver, BodySource } from '../core/message.ts';
import { PacedFlow } from './paced-flow.ts';

/** A request body held to `limits.bandwidth`. */
export class PacedBody implements BodySource, BodyReceiver {
  readonly #source: BodySource;
  readonly #flow: PacedFlow;
  #receiver: BodyReceiver | undefined;

  constructor(source: BodySource, bytesPerSecond: number, clock: Clock) {
    this.#source = source;
    const deliver = (octets: Uint8Array) => this.#receiver?.data(octets);
    this.#flow = new PacedFlow({ bytesPerSecond, clock, source, deliver });
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  consume(receiver: BodyReceiver): void {
    this.#receiver = receiver;
    this.#source.consume(this);
  }

  pause(): void {
    this.#flow.hold();
  }

  resume(): void {
    this.#flow.release();
  }

  allowSilence(): void {
    this.#source.allowSilence();
  }

  discard(): void {
    this.#flow.stop();
    this.#source.discard();
  }

  data(chunk: Uint8Array): void {
    this.#flow.data(chunk);
  }

  end(trailers: HeaderList): void {
    this.#flow.end(() => this.#receiver?.end(trailers));
  }

  fail(error: GatewayError): void {
    this.#flow.stop();
    this.#receiver?.fail(error);
  }

  /** Nobody waits for the request any more. */
  stop(): void {
    this.#flow.stop();
  }
}
