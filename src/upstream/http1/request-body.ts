import { Readable } from 'node:stream';
import type { GatewayError } from '../../core/errors.ts';
import type { BodyReceiver, BodySource } from '../../core/message.ts';

/**
 * Octets held between the client's socket and the upstream connection: at most 256 KiB may wait beyond the
 * lane window, and a quarter of that keeps a lane busy.
 */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

/**
 * A pushed body as the Readable that undici wants. The source is consumed at the first read, not before:
 * a request that finds no connection leaves its body untouched and may be tried again.
 */
export class RequestBody extends Readable implements BodyReceiver {
  readonly #source: BodySource;
  readonly #onProgress: () => void;
  #isConsuming = false;

  constructor(source: BodySource, onProgress: () => void) {
    super({ highWaterMark: HIGH_WATER_MARK_BYTES });
    this.#source = source;
    this.#onProgress = onProgress;
  }

  override _read(): void {
    if (this.#isConsuming) {
      this.#source.resume();
      return;
    }
    this.#isConsuming = true;
    this.#source.consume(this);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Destroyed before its end the connection will not take the rest; an untouched body stays for a retry.
    if (this.#isConsuming && !this.readableEnded) this.#source.discard();
    callback(error);
  }

  data(chunk: Uint8Array): void {
    if (this.destroyed) return;
    this.#onProgress();
    if (!this.push(chunk)) this.#source.pause();
  }

  /** HTTP/1.1 request trailers are dropped. */
  end(): void {
    if (!this.destroyed) this.push(null);
  }

  fail(error: GatewayError): void {
    this.destroy(error);
  }
}
