import type { Clock, Timer } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { ExchangeId } from '../core/ids.ts';
import type { InboundRequest } from '../core/message.ts';
import type { Decision } from '../evaluate/decision.ts';
import type { Asker } from '../evaluate/evaluate.ts';
import type { PolicySnapshot } from '../policy/snapshot/snapshot.ts';
import { hstsFor } from '../respond/respond.ts';
import type { RouteMatch } from '../evaluate/route/match.ts';
import type { MeasuredSink } from './measured-sink.ts';
import { Notes } from './notes.ts';
import { OwnFields } from './own-fields.ts';

export interface ExchangeParts {
  readonly id: ExchangeId;
  readonly request: InboundRequest;
  readonly sink: MeasuredSink;
  readonly policy: PolicySnapshot;
  readonly clock: Clock;
  /** What a fault comes to: an answer of ours, or a response that is cut. */
  readonly onFail: (exchange: Exchange, error: GatewayError) => void;
}

/**
 * One request's context from head to record. It has one policy snapshot for its whole life, holds what
 * must last until the last octet is sent, and ends once.
 */
export class Exchange implements Asker {
  readonly id: ExchangeId;
  readonly request: InboundRequest;
  readonly sink: MeasuredSink;
  readonly policy: PolicySnapshot;
  readonly startedMs: number;
  /** Released when the response is sent or the exchange fails: permits and the like. */
  readonly held = new DisposableStack();
  readonly notes = new Notes();
  readonly ownFields = new OwnFields();
  #decision: Decision | undefined;
  #normalPath: string | undefined;
  readonly #clock: Clock;
  readonly #onFail: ExchangeParts['onFail'];
  #abortController: AbortController | undefined;
  #abortedWith: GatewayError | undefined;
  #onAbort: ((error: GatewayError) => void) | undefined;
  #totalTimer: Timer | undefined;

  constructor(parts: ExchangeParts) {
    this.id = parts.id;
    this.request = parts.request;
    this.sink = parts.sink;
    this.policy = parts.policy;
    this.#clock = parts.clock;
    this.#onFail = parts.onFail;
    this.startedMs = parts.clock.monotonicMs();
  }

  /** Undefined until the gates have decided. */
  get decision(): Decision | undefined {
    return this.#decision;
  }

  /** The routed path once there is one. */
  get normalPath(): string | undefined {
    return this.#normalPath;
  }

  /** Strict-Transport-Security for this exchange: only where the client has TLS (RFC 6797 7.2). */
  get hsts(): string | undefined {
    const { connection, host } = this.request;
    return connection.scheme === 'http' ? undefined : hstsFor(this.policy.gateway.hsts, host);
  }

  /** Aborts when the client is gone, time is up, or the drain limit is reached. Made when asked for. */
  get signal(): AbortSignal {
    this.#abortController ??= new AbortController();
    if (this.#abortedWith !== undefined) this.#abortController.abort(this.#abortedWith);
    return this.#abortController.signal;
  }

  get isAborted(): boolean {
    return this.#abortedWith !== undefined;
  }

  /** One listener: the forwarding in flight. Called at once when the exchange is aborted already. */
  onAbort(listener: (error: GatewayError) => void): void {
    this.#onAbort = listener;
    if (this.#abortedWith !== undefined) listener(this.#abortedWith);
  }

  /** Gives up whatever is under way. Idempotent. */
  abort(error: GatewayError): void {
    if (this.#abortedWith !== undefined) return;
    this.#abortedWith = error;
    this.#abortController?.abort(error);
    this.#onAbort?.(error);
  }

  /** What the rule says of time and of other sites holds from now on, also while a plugin is asked. */
  routed({ rule, path }: RouteMatch): void {
    this.noteRoute(rule, path);
    this.#limitTotal(rule.timeout.totalMs);
    if (rule.preset !== undefined) this.sink.usePreset(rule.preset);
    if (rule.cors !== undefined) this.ownFields.allowOrigins(rule.cors, this.request.headers);
  }

  decided(decision: Decision): void {
    this.#decision = decision;
  }

  noteRoute(rule: RouteMatch['rule'], path: string): void {
    this.#normalPath = path;
    this.notes.rule(rule);
  }

  /** The one way to a fault: given up, noted, and answered or cut. Nothing after the response is over. */
  fail(error: GatewayError): void {
    if (this.sink.isClosed) return;
    this.notes.fault(error);
    this.abort(error);
    this.#onFail(this, error);
  }

  /** The exchange has become a stream: from here on silence is limited, not its length. */
  unlimitTotal(): void {
    this.#totalTimer?.cancel();
  }

  /** Lets go of everything held. Idempotent. */
  release(): void {
    this.#totalTimer?.cancel();
    this.held.dispose();
  }

  /** `timeout.total` of the rule. */
  #limitTotal(totalMs: number | undefined): void {
    if (totalMs === undefined) return;
    this.#totalTimer = this.#clock.after(totalMs, () => {
      const detail = `the exchange took over ${totalMs} ms`;
      this.fail(new GatewayError('exchange_timeout', { detail }));
    });
  }
}
