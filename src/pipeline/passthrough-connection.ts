import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { newExchangeId } from '../core/ids.ts';
import type { PassthroughClient } from '../core/passthrough.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import { Splice } from '../forward/forward.ts';
import { passthroughChecks } from '../evaluate/limit/limit.ts';
import type { AddressLimiter, Limiter } from '../evaluate/limit/limit.ts';
import type {
  PassthroughRoute,
  PolicySnapshot,
  ServicePolicy,
} from '../policy/snapshot/snapshot.ts';
import type { Recorder } from '../record/record.ts';
import { addressRefusal } from '../evaluate/admit-address.ts';
import { matchPassthrough } from '../evaluate/route/match.ts';
import type { Decisions } from './decisions.ts';
import { asFault } from './fault-refusal.ts';
import type { Generation } from '../evaluate/generation.ts';

export interface PassthroughParts {
  readonly clock: Clock;
  /** The generation that serves new connections; each keeps its own to its end. */
  readonly generation: () => Generation;
  readonly addressLimiter: AddressLimiter;
  readonly limiter: Limiter;
  /** Rejects with a `GatewayError`; the stream's halves end by themselves. */
  readonly open: (service: ServicePolicy, signal: AbortSignal) => Promise<Duplex>;
  readonly recorder: Pick<Recorder, 'connection'>;
  readonly decisions: Pick<Decisions, 'connection'>;
}

/** One passthrough connection from its ClientHello to its record. */
export class PassthroughConnection {
  readonly #client: PassthroughClient;
  readonly #parts: PassthroughParts;
  readonly #onEnd: () => void;
  readonly #policy: PolicySnapshot;
  readonly #startedMs: number;
  readonly #connecting = new AbortController();
  readonly #held = new DisposableStack();
  readonly #onClientClose = (): void => this.abort(clientGone());
  #route: PassthroughRoute | undefined;
  #splice: Splice | undefined;
  #isOver = false;

  constructor(client: PassthroughClient, parts: PassthroughParts, onEnd: () => void) {
    this.#client = client;
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.#policy = parts.generation().snapshot;
    this.#startedMs = parts.clock.monotonicMs();
    client.stream.on('error', ignore);
    client.stream.once('close', this.#onClientClose);
  }

  start(): void {
    this.#begin().catch((thrown: unknown) => this.abort(asFault(thrown)));
  }

  /** Ends it wherever it is. Idempotent. */
  abort(error: GatewayError): void {
    if (this.#splice !== undefined) return this.#splice.abort(error);
    this.#close({ fault: error });
    this.#connecting.abort(error);
  }

  async #begin(): Promise<void> {
    const service = await this.#admit();
    if (this.#isOver) return;
    if (isRefusal(service)) return this.#close({ refusal: service });
    const upstream = await this.#parts.open(service, this.#connecting.signal);
    if (this.#isOver) upstream.on('error', ignore).destroy();
    else this.#join(upstream, service);
  }

  async #admit(): Promise<ServicePolicy | Refusal> {
    const { addressLimiter, limiter } = this.#parts;
    const { connection, serverName } = this.#client;
    const { gateway, routes, services } = this.#policy;
    const { remoteAddress } = connection;
    const { rate } = gateway.limits.perClientAddress;
    const foreign = addressRefusal(gateway.from, remoteAddress);
    if (foreign !== undefined) return foreign;
    const early = await addressLimiter.admit(remoteAddress, rate);
    if (early !== undefined) return early;
    this.#route = matchPassthrough(routes, serverName);
    if (this.#route === undefined) return refuse('no_route');
    const unlisted = addressRefusal(this.#route.from, remoteAddress);
    if (unlisted !== undefined) return unlisted;
    const service = services.get(this.#route.service)!;
    const permit = await limiter.admit(passthroughChecks(this.#route, service));
    if (isRefusal(permit)) return permit;
    // A stack that is disposed already throws; the place must be free again all the same.
    if (this.#isOver) permit[Symbol.dispose]();
    else this.#held.use(permit);
    return service;
  }

  #join(upstream: Duplex, service: ServicePolicy): void {
    const { stream } = this.#client;
    stream.off('close', this.#onClientClose);
    this.#splice = new Splice({
      client: stream,
      upstream,
      clock: this.#parts.clock,
      idleMs: service.timeout.idleMs,
      bytesPerSecond: this.#route?.bandwidth,
      writeMs: this.#policy.gateway.client.writeMs,
      resetClient: () => this.#client.reset(),
      onEnd: (error) => this.#record({ fault: error }),
    });
  }

  /** Before anything was handed on: a plain end of TCP. An alert of ours would pose as the application's. */
  #close(why: { readonly refusal?: Refusal; readonly fault?: GatewayError }): void {
    if (this.#isOver) return;
    this.#record(why);
    this.#client.stream.destroy();
  }

  #record(why: {
    readonly refusal?: Refusal | undefined;
    readonly fault?: GatewayError | undefined;
  }): void {
    this.#isOver = true;
    this.#held.dispose();
    this.#onEnd();
    const { clock, recorder, decisions } = this.#parts;
    const { connection, serverName, receivedAtMs } = this.#client;
    const record = {
      id: newExchangeId(receivedAtMs),
      startedAtMs: receivedAtMs,
      durationMs: clock.monotonicMs() - this.#startedMs,
      connection,
      serverName,
      route: this.#route?.route,
      service: this.#route?.service,
      fromClientBytes: this.#splice?.fromClientBytes ?? 0,
      toClientBytes: this.#splice?.toClientBytes ?? 0,
      refusal: why.refusal,
      fault: why.fault?.code,
      faultDetail: why.fault?.message,
    };
    decisions.connection(record);
    recorder.connection(record);
  }
}

function clientGone(): GatewayError {
  return new GatewayError('client_gone', { detail: 'closed before the application was connected' });
}

function ignore(): void {}
