import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodyReceiver, BodySource } from '../core/message.ts';

/** A request body on its way through: a subclass says what becomes of its octets, its end and its failure. */
export abstract class PassingBody implements BodySource, BodyReceiver {
  protected readonly source: BodySource;
  protected receiver: BodyReceiver | undefined;

  constructor(source: BodySource) {
    this.source = source;
  }

  abstract data(chunk: Uint8Array): void;
  abstract end(trailers: HeaderList): void;
  abstract fail(error: GatewayError): void;

  get length(): number | undefined {
    return this.source.length;
  }

  consume(receiver: BodyReceiver): void {
    this.receiver = receiver;
    this.source.consume(this);
  }

  pause(): void {
    this.source.pause();
  }

  resume(): void {
    this.source.resume();
  }

  allowSilence(): void {
    this.source.allowSilence();
  }

  discard(): void {
    this.source.discard();
  }
}
