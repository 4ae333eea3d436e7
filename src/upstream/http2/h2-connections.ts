import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { OpenConnection } from '../http1/connection-pool.ts';
import type { ConnectionReports } from '../connection-reports.ts';
import { H2Call } from './h2-call.ts';
import { H2Session, STREAMS_PER_CONNECTION } from './h2-session.ts';
import type { ServiceConnections } from '../service-connections.ts';
import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from '../upstream.ts';

export interface H2Parts {
  readonly service: ServicePolicy;
  readonly open: OpenConnection;
  readonly reports: ConnectionReports;
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
}

/**
 * HTTP/2 connections to one service. A request goes to the connection with the fewest streams; another
 * is opened when all are full, or, with `balance: request`, for each request. Requests that wait for an
 * opening are bounded by whoever calls `send`.
 */
export class H2Connections implements ServiceConnections {
  readonly #parts: H2Parts;
  readonly #sessions = new Set<H2Session>();
  #waiting: H2Call[] = [];
  #opening = 0;
  /** What the last connection said that it takes. */
  #streamsEach: number;
  #state: 'open' | 'closing' | 'destroyed' = 'open';
  readonly #whenClosed = Promise.withResolvers<void>();

  constructor(parts: H2Parts) {
    this.#parts = parts;
    this.#streamsEach = this.#isFresh ? 1 : STREAMS_PER_CONNECTION;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver, release: () => void): UpstreamCall {
    const call = new H2Call({ request, receiver, release });
    if (this.#state === 'destroyed') {
      call.failBefore(stopping());
      return call;
    }
    const session = this.#leastBusy();
    if (session === undefined) this.#wait(call);
    else session.take(call);
    return call;
  }

  close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    for (const session of this.#sessions) session.retire();
    this.#settle();
    return this.#whenClosed.promise;
  }

  destroy(): Promise<void> {
    this.#state = 'destroyed';
    for (const session of this.#sessions) session.destroy();
    this.#failWaiting(stopping());
    this.#settle();
    return this.#whenClosed.promise;
  }

  #leastBusy(): H2Session | undefined {
    if (this.#isFresh) return undefined;
    let best: H2Session | undefined;
    for (const session of this.#sessions) {
      if (session.free > 0 && session.free > (best?.free ?? 0)) best = session;
    }
    return best;
  }

  get #isFresh(): boolean {
    return this.#parts.service.balance === 'request';
  }

  #wait(call: H2Call): void {
    this.#waiting = this.#waiting.filter(({ isDone }) => !isDone);
    this.#waiting.push(call);
    this.#openAsNeeded();
  }

  #openAsNeeded(): void {
    const { maxConnections } = this.#parts.service;
    while (
      this.#waiting.length > this.#opening * this.#streamsEach &&
      this.#sessions.size + this.#opening < maxConnections
    ) {
      this.#opening += 1;
      void this.#openOne();
    }
  }

  async #openOne(): Promise<void> {
    try {
      this.#opened(await this.#parts.open(this.#parts.service));
    } catch (error) {
      this.#opening -= 1;
      this.#failWaiting(error as Error);
      this.#settle();
    }
  }

  #opened(connection: Duplex): void {
    const { service, clock, reports } = this.#parts;
    if (this.#state === 'destroyed') {
      connection.on('error', () => {}).destroy();
      this.#opening -= 1;
      return this.#settle();
    }
    const session = new H2Session(connection, {
      service,
      clock,
      reports,
      onReady: () => this.#ready(session),
      onRoom: () => this.#fill(session),
      onClose: (error) => this.#closed(session, error),
    });
    this.#sessions.add(session);
  }

  #ready(session: H2Session): void {
    this.#opening -= 1;
    if (!this.#isFresh) this.#streamsEach = Math.max(1, session.free);
    this.#fill(session);
    // A connection of one request, or of a service that is not served any more, takes no other.
    if (this.#isFresh || this.#state !== 'open') session.retire();
    this.#openAsNeeded();
  }

  #fill(session: H2Session): void {
    let room = this.#isFresh ? 1 : session.free;
    while (room > 0 && this.#waiting.length > 0) {
      const call = this.#waiting.shift()!;
      if (call.isDone) continue;
      session.take(call);
      room -= 1;
    }
  }

  #closed(session: H2Session, error: GatewayError | undefined): void {
    this.#sessions.delete(session);
    if (error === undefined) this.#openAsNeeded();
    else {
      this.#opening -= 1;
      this.#failWaiting(error);
    }
    this.#settle();
  }

  #settle(): void {
    if (this.#state === 'open' || this.#sessions.size > 0) return;
    // After destroy, connections still opening are closed on arrival.
    if (this.#opening === 0 || this.#state === 'destroyed') this.#whenClosed.resolve();
  }

  #failWaiting(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) call.failBefore(error);
  }
}

/** Told to requests that wait for a connection when the gateway stops. */
export function stopping(): GatewayError {
  return new GatewayError('draining', { detail: 'the gateway stops' });
}
