import type { Clock, Timer } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type {
  Upstream,
  UpstreamCall,
  UpstreamReceiver,
  UpstreamRequest,
} from '../upstream/upstream.ts';
import { isLongStream } from './long-stream.ts';
import type { RuleTimeout } from '../policy/snapshot/snapshot.ts';
import type { ResponseReceiver } from './response-receiver.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface ForwardingOptions {
  readonly upstream: Upstream;
  readonly request: UpstreamRequest;
  readonly waits: RuleTimeout;
  readonly receiver: ResponseReceiver;
  readonly clock: Clock;
  readonly budget: RetryBudget;
}

/**
 * Interim responses of one request (RFC 9110 15.2): a few 103, or a 102 now and then. Each is read whole
 * before it goes on, and over HTTP/2 nothing but this bounds what an application can send of them.
 */
const MAX_INTERIM = 64;

/**
 * One request on its way to the application and its response on the way back, with back-pressure in
 * both directions, the waits of `timeout`, and the one retry rule of the policy language.
 */
export class Forwarding implements UpstreamReceiver {
  readonly #options: ForwardingOptions;
  readonly #startedMs: number;
  #call: UpstreamCall | undefined;
  #timer: Timer | undefined;
  /** Of a wait for a connection that is shorter than the time in which the service opens one. */
  #connectTimer: Timer | undefined;
  #lastActivityMs: number;
  #state: 'waiting' | 'responding' | 'ended' = 'waiting';
  #isPaused = false;
  #interim = 0;
  #retries = 0;
  #idleMs: number;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    this.#lastActivityMs = this.#startedMs;
    this.#idleMs = options.waits.idleMs;
  }

  start(): void {
    const { budget, request } = this.#options;
    if (request.service.retry !== undefined) budget.requestStarted(request.service.retry.ratio);
    this.#arm(this.#options.waits.responseMs);
    this.#attempt();
  }

  /** The client is gone, time is up, or the gateway stops: the upstream connection is closed. Idempotent. */
  abort(error: GatewayError): void {
    if (this.#state === 'ended') return;
    this.#end();
    this.#call?.abort(error);
  }

  /** The receiver has room again. Idempotent. */
  resume(): void {
    if (!this.#isPaused || this.#state === 'ended') return;
    this.#isPaused = false;
    this.progress();
    this.#call?.resume();
  }

  connected(): void {
    this.#connectTimer?.cancel();
  }

  sent(): void {
    this.#lastActivityMs = this.#options.clock.monotonicMs();
  }

  progress(): void {
    this.#lastActivityMs = this.#options.clock.monotonicMs();
  }

  informational(status: number, headers: HeaderList): void {
    if (this.#state !== 'waiting') return;
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM) return this.#giveUp(tooManyInterim());
    // An unasked 100 says nothing (RFC 9110 15.2): we answer the client's expectation ourselves.
    if (status === 100) return;
    if (status < 100 || status === 101) return this.#giveUp(unusable(status));
    if (!this.#options.receiver.informational(status, headers)) this.#pause();
  }

  head(status: number, headers: HeaderList, isWhole = false): void {
    if (this.#state !== 'waiting') return;
    if (status > MAX_STATUS) return this.#giveUp(unusable(status));
    this.#state = 'responding';
    this.progress();
    if (isLongStream(status, headers)) {
      this.#idleMs = this.#options.waits.streamIdleMs;
    }
    this.#rearmForBody();
    this.#options.receiver.head(status, headers, isWhole);
  }

  data(chunk: Uint8Array): void {
    if (this.#state !== 'responding') return;
    this.progress();
    if (!this.#options.receiver.data(chunk)) this.#pause();
  }

  end(trailers: HeaderList): void {
    if (this.#state !== 'responding') return;
    this.#end();
    this.#options.receiver.end(trailers);
  }

  fail(error: GatewayError): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'waiting' && this.#mayRetry(error)) {
      this.#retries += 1;
      this.#options.receiver.retried();
      this.#attempt();
      return;
    }
    this.#end();
    this.#options.receiver.fail(error);
  }

  #attempt(): void {
    this.#limitConnect();
    // `fail` may be called before `send` returns; the call it belongs to is then of no use any more.
    const attempt = this.#retries;
    const call = this.#options.upstream.send(this.#options.request, this);
    if (attempt === this.#retries) this.#call = call;
  }

  #limitConnect(): void {
    const { clock, request, waits } = this.#options;
    this.#connectTimer?.cancel();
    if (waits.connectMs >= request.service.timeout.connectMs) return;
    this.#connectTimer = clock.after(waits.connectMs, () => {
      const detail = `service ${request.service.name}: no connection within ${waits.connectMs} ms`;
      this.#giveUp(new GatewayError('upstream_connect_timeout', { detail, retryable: true }));
    });
  }

  #mayRetry(error: GatewayError): boolean {
    const { budget, clock, request } = this.#options;
    const { retry } = request.service;
    return (
      retry !== undefined &&
      error.retryable &&
      this.#retries === 0 &&
      clock.monotonicMs() - this.#startedMs <= retry.withinMs &&
      budget.take()
    );
  }

  /** The client does not read: its own write deadline counts from here. */
  #pause(): void {
    this.#isPaused = true;
    this.#call?.pause();
  }

  #end(): void {
    this.#state = 'ended';
    this.#timer?.cancel();
    this.#connectTimer?.cancel();
  }

  /** One timer that looks at the last activity when it fires, instead of one re-armed per chunk. */
  #arm(delayMs: number): void {
    this.#timer = this.#options.clock.after(delayMs, () => this.#checkSilence());
  }

  /** The timer of the head would notice a shorter idle limit too late. */
  #rearmForBody(): void {
    if (this.#idleMs >= this.#options.waits.responseMs) return;
    this.#timer?.cancel();
    this.#arm(this.#idleMs);
  }

  #checkSilence(): void {
    const limitMs = this.#silenceLimitMs();
    const silentMs = this.#options.clock.monotonicMs() - this.#lastActivityMs;
    // While the client does not read, its own write deadline counts, not the application's silence.
    if (this.#isPaused) this.#arm(limitMs);
    else if (silentMs < limitMs) this.#arm(limitMs - silentMs);
    else this.#timedOut(limitMs);
  }

  #silenceLimitMs(): number {
    const { responseMs } = this.#options.waits;
    return this.#state === 'waiting' ? responseMs : this.#idleMs;
  }

  #timedOut(limitMs: number): void {
    const isWaiting = this.#state === 'waiting';
    const error = new GatewayError(
      isWaiting ? 'upstream_response_timeout' : 'upstream_idle_timeout',
      {
        detail: `service ${this.#options.request.service.name} was silent for ${limitMs} ms ${isWaiting ? 'before its response head' : 'in mid-response'}`,
      },
    );
    this.#giveUp(error);
  }

  /** The application's answer is of no use, or comes too late: its connection is closed. */
  #giveUp(error: GatewayError): void {
    const call = this.#call;
    this.fail(error);
    call?.abort(error);
  }
}

/** RFC 9110 15: from 100 to 599; HTTP/2 has no 101, and of HTTP/1.1 it comes here without an Upgrade (15.2.2). */
const MAX_STATUS = 599;

function unusable(status: number): GatewayError {
  const detail =
    status === 101
      ? 'the application answered 101 without an Upgrade'
      : `the application answered with status ${status}, which is not from 100 to ${MAX_STATUS}`;
  return new GatewayError('upstream_protocol_error', { detail });
}

function tooManyInterim(): GatewayError {
  const detail = `the application sent more than ${MAX_INTERIM} interim responses`;
  return new GatewayError('upstream_protocol_error', { detail });
}
