import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { GatewayError } from '../../core/errors.ts';
import type { BodyReceiver, BodySource } from '../../core/message.ts';
import type { UpstreamReceiver } from '../upstream.ts';

export interface UpgradedStreamOptions {
  readonly receiver: UpstreamReceiver;
  /** What the client sends. */
  readonly body: BodySource;
  readonly clock: Pick<Clock, 'after'>;
  /** True the first time: whoever gets it tells the receiver. */
  readonly finish: () => boolean;
}

/** The octets of an upgraded connection, both ways with back-pressure; each half ends by itself. */
export class UpgradedStream implements BodyReceiver {
  readonly #connection: Duplex;
  readonly #options: UpgradedStreamOptions;
  #endTimer: Timer | undefined;

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
    connection.on('close', () => this.#endTimer?.cancel());
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

  /**
   * A WebSocket has no half that goes on: a client that ended its own is gone, with a Close frame or without.
   * The application learns it, and has a moment to end; its place must not depend on whether it does.
   */
  end(): void {
    this.#connection.end();
    this.#endTimer = this.#options.clock.after(DEADLINES.upgradeEndMs, () => this.#giveUp());
  }

  #giveUp(): void {
    this.#connection.destroy();
    if (!this.#options.finish()) return;
    const detail = `the client ended, and the application did not within ${DEADLINES.upgradeEndMs} ms`;
    this.#options.receiver.fail(new GatewayError('client_gone', { detail }));
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
