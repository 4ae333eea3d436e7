import type { Duplex } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import type { BodyReceiver, BodySource } from '../core/message.ts';
import type { UpstreamReceiver } from './upstream.ts';

export interface UpgradedStreamOptions {
  readonly receiver: UpstreamReceiver;
  /** What the client sends. */
  readonly body: BodySource;
  /** True the first time: whoever gets it tells the receiver. */
  readonly finish: () => boolean;
}

/** The octets of an upgraded connection, both ways with back-pressure; each half ends by itself. */
export class UpgradedStream implements BodyReceiver {
  readonly #connection: Duplex;
  readonly #options: UpgradedStreamOptions;

  constructor(connection: Duplex, options: UpgradedStreamOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** `first` is what came with the 101. */
  start(first: Buffer): void {
    const { body, finish, receiver } = this.#options;
    const connection = this.#connection;
    connection.on('data', (chunk: Buffer) => receiver.data(chunk));
    connection.on('end', () => {
      if (finish()) receiver.end([]);
      connection.end();
    });
    connection.on('drain', () => this.#drained());
    connection.on('error', (error) => this.#failed(error));
    connection.on('close', () => this.#failed(new Error('the connection closed')));
    if (first.length > 0) receiver.data(first);
    body.consume(this);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  data(chunk: Uint8Array): void {
    if (this.#connection.writableEnded || this.#connection.destroyed) return;
    this.#options.receiver.progress();
    if (!this.#connection.write(chunk)) this.#options.body.pause();
  }

  end(): void {
    this.#connection.end();
  }

  /** The client is gone, and the exchange's end says so; here only the connection ends. */
  fail(): void {
    this.#connection.destroy();
  }

  #drained(): void {
    this.#options.receiver.progress();
    this.#options.body.resume();
  }

  #failed(error: Error): void {
    if (!this.#options.finish()) return;
    const detail = `the upgraded connection to the application failed: ${error.message}`;
    this.#options.receiver.fail(new GatewayError('upstream_reset', { detail, cause: error }));
  }
}
