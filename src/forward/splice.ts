import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../core/clock.ts';
import { DEADLINES } from '../core/deadlines.ts';
import { GatewayError } from '../core/errors.ts';
import { readingEnd } from './reading-end.ts';
import type { ReadingEnd } from './reading-end.ts';

export interface SpliceParts {
  readonly client: Duplex;
  readonly upstream: Duplex;
  readonly clock: Clock;
  /** Silence in both directions together. */
  readonly idleMs: number;
  /** How long the client may take nothing of what waits for it. */
  readonly writeMs: number;
  /** Of each direction; undefined: as fast as both ends are. */
  readonly bytesPerSecond: number | undefined;
  /** Ends the client's connection so that it sees a failure. */
  readonly resetClient: () => void;
  /** Called once: `undefined` when both halves ended and all octets were handed on. */
  readonly onEnd: (error: GatewayError | undefined) => void;
}

/**
 * Two streams joined, octets untouched: each half ends by itself, the slower end holds the faster one, and
 * a failure of either is a failure to the other. Holds what the two streams buffer and nothing more.
 */
export class Splice {
  fromClientBytes = 0;
  toClientBytes = 0;
  readonly #parts: SpliceParts;
  readonly #fromClient: ReadingEnd;
  readonly #fromUpstream: ReadingEnd;
  #lastMoveMs: number;
  #idleTimer: Timer | undefined;
  #clientTimer: Timer | undefined;
  #endTimer: Timer | undefined;
  /** The upstream failed behind its own end: the client may still take what was said. */
  #lateFailure: GatewayError | undefined;
  #isOver = false;

  constructor(parts: SpliceParts) {
    this.#parts = parts;
    const { client, upstream, bytesPerSecond, clock } = parts;
    this.#fromClient = readingEnd(client, bytesPerSecond, clock);
    this.#fromUpstream = readingEnd(upstream, bytesPerSecond, clock);
    this.#lastMoveMs = parts.clock.monotonicMs();
    this.#awaitSilence(parts.idleMs);
    this.#watch();
    this.#join();
  }

  /** Gives both ends up. Idempotent. */
  abort(error: GatewayError): void {
    if (this.#isOver) return;
    const { upstream, resetClient } = this.#parts;
    this.#end(error);
    upstream.destroy(error);
    resetClient();
  }

  #watch(): void {
    const { client, upstream } = this.#parts;
    client.on('error', (error) => this.#clientFailed(error.message));
    upstream.on('error', (error) => this.#upstreamFailed(error));
    client.on('close', () => this.#clientClosed());
    upstream.on('close', () => this.#upstreamClosed());
    // Either may have died before anybody listened.
    if (upstream.destroyed) this.#upstreamFailed(upstream.errored ?? closedEarly());
    if (client.destroyed) this.#clientClosed();
  }

  #join(): void {
    const { client, upstream } = this.#parts;
    upstream.on('drain', () => this.#fromClient.resume());
    client.on('drain', () => this.#clientDrained());
    this.#fromClient.start(
      (chunk) => this.#up(chunk),
      () => void upstream.end(),
    );
    this.#fromUpstream.start(
      (chunk) => this.#down(chunk),
      () => this.#holdEnd(),
    );
  }

  #up(chunk: Uint8Array): void {
    this.#moved();
    const { upstream } = this.#parts;
    // Dropped once nobody is there to read it.
    if (upstream.destroyed) return;
    this.fromClientBytes += chunk.byteLength;
    if (!upstream.write(chunk)) this.#fromClient.pause();
  }

  #down(chunk: Uint8Array): void {
    this.#moved();
    const { client, writeMs } = this.#parts;
    this.toClientBytes += chunk.byteLength;
    if (client.write(chunk)) return;
    this.#fromUpstream.pause();
    const detail = `the client took nothing for ${writeMs} ms`;
    this.#armClient(writeMs, () => this.abort(new GatewayError('client_gone', { detail })));
  }

  #clientDrained(): void {
    this.#moved();
    this.#clientTimer?.cancel();
    this.#fromUpstream.resume();
  }

  /**
   * A reset of the application reaches the gateway as an end and, an instant later, a failure (router
   * stream protocol 11): the client gets the end when nothing has followed it.
   */
  #holdEnd(): void {
    const { clock } = this.#parts;
    this.#endTimer = clock.after(DEADLINES.upstreamEndMs, () => this.#handEnd());
  }

  #handEnd(): void {
    this.#endTimer?.cancel();
    this.#parts.client.end();
  }

  #moved(): void {
    this.#lastMoveMs = this.#parts.clock.monotonicMs();
  }

  /** One timer for the life of the connection, set anew only when it fires: octets cost no timer. */
  #awaitSilence(delayMs: number): void {
    const { clock, idleMs } = this.#parts;
    this.#idleTimer = clock.after(delayMs, () => {
      const leftMs = this.#lastMoveMs + idleMs - clock.monotonicMs();
      if (leftMs > 0) return this.#awaitSilence(leftMs);
      const detail = `no octet moved for ${idleMs} ms`;
      this.abort(new GatewayError('upstream_idle_timeout', { detail }));
    });
  }

  #armClient(delayMs: number, action: () => void): void {
    this.#clientTimer?.cancel();
    this.#clientTimer = this.#parts.clock.after(delayMs, action);
  }

  #clientFailed(detail: string): void {
    if (this.#isOver || this.#isExhausted) return;
    this.abort(this.#lateFailure ?? new GatewayError('client_gone', { detail }));
  }

  #clientClosed(): void {
    if (!isDone(this.#parts.client)) this.#clientFailed('the connection closed');
    this.#endWhenClosed();
  }

  #upstreamFailed(cause: Error): void {
    if (this.#isOver || this.#isExhausted || this.#lateFailure !== undefined) return;
    const error = asReset(cause);
    if (!this.#parts.client.writableEnded) return this.abort(error);
    this.#lateFailure = error;
    this.#linger();
  }

  #upstreamClosed(): void {
    if (!isDone(this.#parts.upstream)) this.#upstreamFailed(closedEarly());
    if (!this.#isOver && !this.#fromUpstream.isWaiting) this.#handEnd();
    this.#endWhenClosed();
  }

  /**
   * A reset now could take from the client what the application said before it ended. So what the client
   * still sends is read and dropped, as behind the last response of a connection (RFC 9112 9.6).
   */
  #linger(): void {
    const { client } = this.#parts;
    const wait = () => this.#armClient(DEADLINES.clientLingerMs, () => client.destroy());
    // What is dropped keeps no pace.
    this.#fromClient.stop();
    client.resume();
    if (client.writableFinished) wait();
    else client.once('finish', wait);
  }

  /** Both have ended and nothing waits: what fails after this failed nobody. */
  get #isExhausted(): boolean {
    const { client, upstream } = this.#parts;
    if (this.#lateFailure !== undefined) return false;
    if (this.#fromClient.isWaiting || this.#fromUpstream.isWaiting) return false;
    const isSaid = client.readableEnded && upstream.readableEnded;
    return isSaid && client.writableLength === 0 && upstream.writableLength === 0;
  }

  #endWhenClosed(): void {
    const { client, upstream } = this.#parts;
    if (!this.#isOver && client.closed && upstream.closed) this.#end(this.#lateFailure);
  }

  #end(error: GatewayError | undefined): void {
    this.#isOver = true;
    this.#fromClient.stop();
    this.#fromUpstream.stop();
    this.#idleTimer?.cancel();
    this.#clientTimer?.cancel();
    this.#endTimer?.cancel();
    this.#parts.onEnd(error);
  }
}

/** Closed because both its halves came to their end. */
function isDone(stream: Duplex): boolean {
  return stream.readableEnded && stream.writableFinished && stream.errored === null;
}

function asReset(cause: Error): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError('upstream_reset', { detail: cause.message, cause });
}

function closedEarly(): GatewayError {
  return new GatewayError('upstream_reset', { detail: 'the stream closed before its end' });
}
