import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { GatewayError } from '../core/errors.ts';
import { type Retiree, Retirement } from '../core/retirement.ts';
import type { ServicePolicy } from '../policy/snapshot/snapshot.ts';
import type { OpenConnection } from './http1/connection-pool.ts';
import { H2Connections, stopping } from './http2/h2-connections.ts';
import type { H2Parts } from './http2/h2-connections.ts';
import { Http1Connections } from './http1/http1-connections.ts';
import type { ServiceConnections } from './service-connections.ts';
import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from './upstream.ts';

/**
 * Lets the application choose between HTTP/2 and HTTP/1.1 in the TLS of the first connection (RFC 7301),
 * and keeps to its choice until a connection fails; then the next request asks again.
 */
export class AutoConnections implements ServiceConnections {
  readonly #parts: H2Parts;
  #chosen: Chosen | undefined;
  /** Chosen before, with requests in flight. */
  readonly #retired = new Retirement<Chosen>();
  #waiting: DeferredCall[] = [];
  /** The question that is under way; resolves with its answer. */
  #question: PromiseWithResolvers<void> | undefined;
  /** The connection that was asked, until it is used. */
  #spare: Duplex | undefined;
  #isDestroyed = false;

  constructor(parts: H2Parts) {
    this.#parts = parts;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver, release: () => void): UpstreamCall {
    if (this.#chosen !== undefined)
      return this.#chosen.connections.send(request, receiver, release);
    const call = new DeferredCall({ request, receiver, release });
    if (this.#isDestroyed) call.fail(stopping());
    else this.#wait(call);
    return call;
  }

  /** Requests that wait for the choice are in flight, too. */
  async close(): Promise<void> {
    await this.#question?.promise;
    this.#letGo();
    await Promise.all(this.#retired.things.map(({ connections }) => connections.close()));
    this.#spare?.destroy();
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    this.#answer((call) => call.fail(stopping()));
    this.#spare?.destroy();
    this.#letGo();
    await this.#retired.closeAll();
  }

  #wait(call: DeferredCall): void {
    this.#waiting.push(call);
    if (this.#question !== undefined) return;
    this.#question = Promise.withResolvers();
    void this.#ask();
  }

  async #ask(): Promise<void> {
    try {
      const { open, service } = this.#parts;
      const first = (await open(service)) as TLSSocket;
      const isWanted = this.#waiting.some(({ isOver }) => !isOver);
      const chosen = isWanted ? this.#choose(first) : discard(first);
      this.#chosen = chosen && new Chosen(chosen);
      this.#answer((call) => chosen && call.start(chosen));
    } catch (error) {
      this.#answer((call) => call.fail(error as GatewayError));
    }
  }

  /** A request sent from inside a callback starts a new ALPN probe. */
  #answer(tell: (call: DeferredCall) => void): void {
    const [waiting, question] = [this.#waiting, this.#question];
    this.#waiting = [];
    this.#question = undefined;
    waiting.forEach(tell);
    question?.resolve();
  }

  /** The connection that was asked is used first. */
  #choose(first: TLSSocket): ServiceConnections {
    this.#spare = first;
    // Until it is used nobody else hears of its end.
    first.on('error', () => {});
    const protocol = first.alpnProtocol === 'h2' ? 'h2' : 'http1';
    const service = { ...this.#parts.service, protocol } as const;
    const open: OpenConnection = (service) => this.#open(service);
    return protocol === 'h2'
      ? new H2Connections({ ...this.#parts, service, open })
      : new Http1Connections({ ...this.#parts, service, open });
  }

  async #open(service: ServicePolicy): Promise<Duplex> {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined && !spare.destroyed) return spare;
    try {
      return await this.#parts.open(service);
    } catch (error) {
      this.#letGo();
      throw error;
    }
  }

  #letGo(): void {
    const chosen = this.#chosen;
    this.#chosen = undefined;
    if (chosen !== undefined) this.#retired.retire(chosen);
  }
}

/** What serves until a connection fails. */
class Chosen implements Retiree {
  readonly connections: ServiceConnections;

  constructor(connections: ServiceConnections) {
    this.connections = connections;
  }

  retire(over: () => void): void {
    void this.connections.close().then(over);
  }

  close(): Promise<void> {
    return this.connections.destroy();
  }
}

function discard(connection: Duplex): undefined {
  connection.on('error', () => {});
  connection.destroy();
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

  /** Nobody waits for it any more. */
  get isOver(): boolean {
    return this.#isOver;
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
