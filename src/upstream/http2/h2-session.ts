import { connect } from 'node:http2';
import type { ClientHttp2Session, ClientSessionOptions } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { GatewayError } from '../../core/errors.ts';
import { isTlsError } from '../../network/tls-fault.ts';
import { MAX_H2_RESPONSE_HEAD_BYTES } from '../../core/response-head.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { ConnectionReports } from '../connection-reports.ts';
import { schemeOf } from '../transport/transport.ts';
import type { H2Call } from './h2-call.ts';

/** At most this many, whatever the application allows: one connection leads to one consumer. */
export const STREAMS_PER_CONNECTION = 100;
/** Octets of one response that may wait for a slow client, here and in node together. */
const STREAM_WINDOW_BYTES = 256 * 1024;
/** Node gives the octets of a stream back to the connection at once, so this bounds no memory. */
const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;

const SETTINGS = { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES };

// Node's types leave `strictSingleValueFields` out for clients.
const SESSION_OPTIONS: ClientSessionOptions & { readonly strictSingleValueFields: boolean } = {
  maxReservedRemoteStreams: 0,
  peerMaxConcurrentStreams: STREAMS_PER_CONNECTION,
  // What was said twice is passed on twice, as over HTTP/1.1; node would throw (RFC 9110 5.3).
  strictSingleValueFields: false,
};

export interface H2SessionOptions {
  readonly service: ServicePolicy;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly reports: ConnectionReports;
  /** The application's SETTINGS are here: it speaks HTTP/2, and says how many streams it takes. */
  readonly onReady: () => void;
  /** A stream ended. */
  readonly onRoom: () => void;
  /** With an error when it was never ready. */
  readonly onClose: (error: GatewayError | undefined) => void;
}

/** One HTTP/2 connection to an application. */
export class H2Session {
  readonly #session: ClientHttp2Session;
  readonly #connection: Duplex;
  readonly #options: H2SessionOptions;
  readonly #scheme: 'http' | 'https';
  #timer: Timer | undefined;
  #streams = 0;
  #taken = 0;
  #lastUsedMs: number;
  #state: 'connecting' | 'ready' | 'retired' = 'connecting';
  #error: Error | undefined;
  #isLeaving = false;
  #isDestroyedByUs = false;

  constructor(connection: Duplex, options: H2SessionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#lastUsedMs = options.clock.monotonicMs();
    this.#scheme = schemeOf(options.service);
    const maxHeadBytes = Math.min(options.service.responseHeadBytes, MAX_H2_RESPONSE_HEAD_BYTES);
    this.#session = connect(`${this.#scheme}://service.invalid`, {
      ...SESSION_OPTIONS,
      // Node allows 128 fields; over HTTP/1.1 only their octets count, with 4 for each field at least.
      maxHeaderListPairs: maxHeadBytes / 4,
      settings: { ...SETTINGS, maxHeaderListSize: maxHeadBytes },
      createConnection: () => connection,
    });
    this.#listen();
  }

  /** Streams that it would take now. */
  get free(): number {
    if (this.#state !== 'ready' || this.#session.destroyed || this.#session.closed) return 0;
    const { maxConcurrentStreams = STREAMS_PER_CONNECTION } = this.#session.remoteSettings;
    return Math.min(maxConcurrentStreams, STREAMS_PER_CONNECTION) - this.#streams;
  }

  take(call: H2Call): void {
    this.#streams += 1;
    this.#taken += 1;
    call.begin(this.#session, {
      scheme: this.#scheme,
      earlierRequests: this.#taken - 1,
      left: (isSuspect) => this.#left(isSuspect),
    });
  }

  /** Takes no more streams and closes after the last. While it connects, requests wait for it: see `onReady`. */
  retire(): void {
    if (this.#state === 'connecting') return;
    this.#state = 'retired';
    this.#leaveIfIdle();
  }

  destroy(): void {
    this.#isDestroyedByUs = true;
    const isLeaving = this.#session.closed;
    this.#session.destroy();
    // Node only ends its half of a session that was closed before, and waits for the application's.
    if (isLeaving) this.#connection.destroy();
  }

  #leaveIfIdle(): void {
    // Streams of this turn are not written yet, and would be refused behind our GOAWAY.
    if (this.#streams > 0 || this.#isLeaving) return;
    this.#isLeaving = true;
    if (!this.#session.closed) this.#session.close();
    this.#timer?.cancel();
    // An application that hangs never ends its half.
    const { clock } = this.#options;
    this.#timer = clock.after(DEADLINES.upstreamLeaveMs, () => this.#connection.destroy());
  }

  #listen(): void {
    const session = this.#session;
    const { clock, service } = this.#options;
    this.#timer = clock.after(service.timeout.connectMs, () => session.destroy());
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    session.once('remoteSettings', () => this.#ready());
    // RFC 9113 6.8: no more streams; those up to the last one named are finished.
    session.on('goaway', () => this.retire());
    session.on('error', (error) => (this.#error = error));
    session.on('frameError', () => {});
    session.once('close', () => this.#closed());
  }

  #ready(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'ready';
    this.#timer?.cancel();
    // Node reads a socket below its stream, so nobody else sees that octets came.
    this.#options.reports.answered(this.#connection);
    this.#watchIdle(DEADLINES.upstreamKeepAliveMs);
    this.#options.onReady();
  }

  /** A connection on which an answer did not come in time may be dead: it gets no others. */
  #left(isSuspect: boolean): void {
    this.#streams -= 1;
    this.#lastUsedMs = this.#options.clock.monotonicMs();
    if (isSuspect || this.#state === 'retired') this.retire();
    this.#options.onRoom();
  }

  #watchIdle(delayMs: number): void {
    const { clock } = this.#options;
    this.#timer = clock.after(delayMs, () => {
      const idleMs = this.#streams > 0 ? 0 : clock.monotonicMs() - this.#lastUsedMs;
      if (idleMs >= DEADLINES.upstreamKeepAliveMs) this.retire();
      else this.#watchIdle(DEADLINES.upstreamKeepAliveMs - idleMs);
    });
  }

  #closed(): void {
    this.#timer?.cancel();
    const wasReady = this.#state !== 'connecting';
    this.#state = 'retired';
    this.#options.onClose(wasReady ? undefined : this.#failedEarly());
  }

  #failedEarly(): GatewayError {
    const error = this.#neverReady();
    if (!this.#isDestroyedByUs) this.#options.reports.failed(this.#connection, error);
    return error;
  }

  #neverReady(): GatewayError {
    const { name } = this.#options.service;
    const cause = this.#error;
    if (cause instanceof GatewayError && cause.origin === 'network') {
      const detail = `service ${name}: ${cause.message}`;
      return new GatewayError('network_unavailable', { detail, retryable: true, cause });
    }
    if (cause !== undefined && isTlsFault(cause)) {
      // TLS 1.3: the application refuses our certificate only after the handshake looked complete.
      const detail = `service ${name}: ${cause.message}`;
      return new GatewayError('upstream_tls_failed', { detail, cause });
    }
    const because = cause === undefined ? '' : `: ${cause.message}`;
    return new GatewayError('upstream_connect_failed', {
      detail: `service ${name} did not begin to speak HTTP/2, as its protocol wants${because}`,
      retryable: true,
      cause,
    });
  }
}

function isTlsFault(error: Error): boolean {
  if (error instanceof GatewayError) return error.code === 'upstream_tls_failed';
  return isTlsError(error);
}
