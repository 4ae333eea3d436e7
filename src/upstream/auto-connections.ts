import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { GatewayError } from '../core/errors.ts';
import type { OpenConnection } from './connection-pool.ts';
import { H2Connections } from './h2-connections.ts';
import type { H2Parts } from './h2-connections.ts';
import { Http1Connections } from './http1-connections.ts';
import type { ServiceConnections } from './service-connections.ts';
import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from './upstream.ts';

/**
 * Lets the application choose between HTTP/2 and HTTP/1.1 in the TLS of the first connection (RFC 7301),
 * and keeps to its choice until a connection fails; then the next request asks again.
 */
export class AutoConnections implements ServiceConnections {
  readonly #parts: H2Parts;
  #chosen: ServiceConnections | undefined;
  #waiting: DeferredCall[] | undefined;

  constructor(parts: H2Parts) {
    this.#parts = parts;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver, release: () => void): UpstreamCall {
    if (this.#chosen !== undefined) return this.#chosen.send(request, receiver, release);
    const call = new DeferredCall({ request, receiver, release });
    if (this.#waiting === undefined) void this.#ask();
    (this.#waiting ??= []).push(call);
    return call;
  }

  close(): void {
    this.#chosen?.close();
  }

  async destroy(): Promise<void> {
    await this.#chosen?.destroy();
  }

  async #ask(): Promise<void> {
    let start: (call: DeferredCall) => void;
    try {
      const { open, service } = this.#parts;
      const chosen = this.#choose((await open(service)) as TLSSocket);
      this.#chosen = chosen;
      start = (call) => call.start(chosen);
    } catch (error) {
      start = (call) => call.fail(error as GatewayError);
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    waiting.forEach(start);
  }

  #choose(first: TLSSocket): ServiceConnections {
    const protocol = first.alpnProtocol === 'h2' ? 'h2' : 'http1';
    const service = { ...this.#parts.service, protocol } as const;
    const open = this.#openAfter(first);
    return protocol === 'h2'
      ? new H2Connections({ ...this.#parts, service, open })
      : new Http1Connections(service, open);
  }

  /** The connection that was asked first is used first. */
  #openAfter(first: Duplex): OpenConnection {
    let spare: Duplex | undefined = first;
    // Until it is used nobody else hears of its end.
    first.on('error', () => {});
    return async (service) => {
      const connection = spare;
      spare = undefined;
      if (connection !== undefined && !connection.destroyed) return connection;
      try {
        return await this.#parts.open(service);
      } catch (error) {
        this.#forget();
        throw error;
      }
    };
  }

  #forget(): void {
    this.#chosen?.close();
    this.#chosen = undefined;
  }
}

interface DeferredParts {
  readonly request: UpstreamRequest;
  readonly receiver: UpstreamReceiver;
  readonly release: () => void;
}

/** A request that waits for the choice. */
class DeferredCall implements UpstreamCall {
  readonly #parts: DeferredParts;
  #call: UpstreamCall | undefined;
  #isPaused = false;
  #isOver = false;

  constructor(parts: DeferredParts) {
    this.#parts = parts;
  }

  start(connections: ServiceConnections): void {
    if (this.#isOver) return;
    const { request, receiver, release } = this.#parts;
    this.#call = connections.send(request, receiver, release);
    if (this.#isPaused) this.#call.pause();
  }

  fail(error: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.release();
    this.#parts.receiver.fail(error);
  }

  pause(): void {
    this.#isPaused = true;
    this.#call?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#call?.resume();
  }

  abort(error: GatewayError): void {
    if (this.#call !== undefined) return this.#call.abort(error);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.release();
  }
}
