import type { Clock } from '../core/clock.ts';
import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodySource } from '../core/message.ts';
import { PacedFlow } from './paced-flow.ts';
import { PassingBody } from './passing-body.ts';

/** A request body held to `limits.bandwidth`. */
export class PacedBody extends PassingBody {
  readonly #flow: PacedFlow;

  constructor(source: BodySource, bytesPerSecond: number, clock: Clock) {
    super(source);
    const deliver = (octets: Uint8Array) => this.receiver?.data(octets);
    this.#flow = new PacedFlow({ bytesPerSecond, clock, source, deliver });
  }

  override pause(): void {
    this.#flow.hold();
  }

  override resume(): void {
    this.#flow.release();
  }

  override discard(): void {
    this.#flow.stop();
    super.discard();
  }

  data(chunk: Uint8Array): void {
    this.#flow.data(chunk);
  }

  end(trailers: HeaderList): void {
    this.#flow.end(() => this.receiver?.end(trailers));
  }

  fail(error: GatewayError): void {
    this.#flow.stop();
    this.receiver?.fail(error);
  }

  /** Nobody waits for the request any more. */
  stop(): void {
    this.#flow.stop();
  }
}
