import type { Clock } from '../core/clock.ts';
import { DEADLINES } from '../core/deadlines.ts';
import type { GatewayError } from '../core/errors.ts';
import { newExchangeId } from '../core/ids.ts';
import type { RefusedAttempt } from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';
import { emptyNotes } from '../core/exchange-notes.ts';
import { exchangeRecord } from '../record/record.ts';
import type { Recorder } from '../record/record.ts';
import type { GatewayPolicy, HstsPolicy } from '../policy/snapshot/snapshot.ts';
import { hstsFor, sendRefusal } from '../respond/respond.ts';
import type { Decisions } from './decisions.ts';
import type { Exchange } from './exchange.ts';
import { faultRefusal } from './fault-refusal.ts';
import type { MeasuredSink } from './measured-sink.ts';

export interface RespondAndRecordParts {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly decisions: Decisions;
  /** The running policy's, for messages that never became a request. */
  readonly gateway: () => Pick<GatewayPolicy, 'hsts' | 'preset' | 'errors' | 'pages'>;
}

/** The last two stages, respond and record, for every way out that is not an application's answer. */
export class RespondAndRecord {
  readonly #parts: RespondAndRecordParts;

  constructor(parts: RespondAndRecordParts) {
    this.#parts = parts;
  }

  /** Answers an exchange with a refusal. The record follows when the answer is sent. */
  refusal(exchange: Exchange, refusal: Refusal): void {
    if (exchange.sink.isHeadSent) return;
    const { request } = exchange;
    // Before the answer: its client may ask for the id at once.
    this.#parts.decisions.refused(exchange, refusal);
    request.body.discard();
    const { errors, pages, preset } = exchange.policy.gateway;
    // Without a path no rule has the request, and none has said its preset.
    if (preset !== undefined && exchange.normalPath === undefined) exchange.sink.usePreset(preset);
    const headers = [...(refusal.headers ?? []), ...exchange.ownFields.list];
    sendRefusal(
      exchange.sink,
      { ...refusal, headers },
      {
        exchangeId: exchange.id,
        method: request.method,
        requestHeaders: request.headers,
        hsts: exchange.hsts,
        nowMs: this.#parts.clock.now(),
        errors,
        pages,
      },
    );
  }

  /**
   * Ends a response whose head is out. A stream that has words for it gets the reason, and little time to
   * take it; everything else is cut, so that its client sees an error (E10).
   */
  cut(exchange: Exchange, error: GatewayError): void {
    const { request, sink } = exchange;
    this.#parts.decisions.refused(exchange, faultRefusal(error));
    const isTold = hasWords(request, error) && sink.endEarly(faultRefusal(error));
    if (!isTold) return sink.abort(error);
    this.#parts.clock.after(DEADLINES.farewellMs, () => sink.abort(error));
  }

  /** Answers and records a message that the listener refused. */
  refusedAttempt(refusal: Refusal, attempt: RefusedAttempt, sink: MeasuredSink): void {
    const { clock, recorder, gateway, decisions } = this.#parts;
    const { hsts, preset, errors, pages } = gateway();
    if (preset !== undefined) sink.usePreset(preset);
    const startedMs = clock.monotonicMs();
    const id = newExchangeId(clock.now());
    decisions.attempt(id, attempt, refusal);
    sink.onClose((error) => {
      const end = {
        id,
        durationMs: clock.monotonicMs() - startedMs,
        status: sink.status,
        responseBytes: sink.bodyBytes,
        isComplete: error === undefined,
      };
      recorder.record(exchangeRecord(attempt, emptyNotes(refusal), end));
    });
    sendRefusal(sink, refusal, {
      exchangeId: id,
      method: attempt.method,
      requestHeaders: [],
      hsts: attemptedHsts(attempt, hsts),
      nowMs: clock.now(),
      errors,
      pages,
    });
  }

  record(exchange: Exchange, isDelivered: boolean): void {
    const end = {
      id: exchange.id,
      durationMs: this.#parts.clock.monotonicMs() - exchange.startedMs,
      status: exchange.sink.status,
      responseBytes: exchange.sink.bodyBytes,
      isComplete: isDelivered && !exchange.sink.isEndedEarly,
    };
    this.#parts.recorder.record(
      exchangeRecord(exchange.request, exchange.notes.all, end, exchange.normalPath),
    );
  }
}

/** Of a drain only a WebSocket is told: other streams are not followed for it. */
function hasWords({ upgrade }: Exchange['request'], { code }: GatewayError): boolean {
  return code === 'identity_ended' || (code === 'draining' && upgrade !== undefined);
}

/** Of a message that names no host, the name that its connection was opened for counts. */
function attemptedHsts(
  { connection, host }: RefusedAttempt,
  policy: HstsPolicy | undefined,
): string | undefined {
  const { scheme, tls } = connection;
  return scheme === 'http' ? undefined : hstsFor(policy, host ?? tls?.serverName);
}
