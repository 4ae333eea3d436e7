import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { newExchangeId } from '../core/ids.ts';
import type {
  InboundRequest,
  RefusedAttempt,
  RequestHandler,
  ResponseSink,
} from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';
import { Roster } from '../core/roster.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { Stores } from '../evaluate/evaluate.ts';
import type { Generation } from '../evaluate/generation.ts';
import type { RespondAndRecord } from './respond-and-record.ts';
import { Exchange } from './exchange.ts';
import { asFault } from './fault-refusal.ts';
import type { Follow } from './follow.ts';
import { MeasuredSink } from './measured-sink.ts';

export interface PipelineParts {
  readonly clock: Clock;
  /** The generation that serves new requests. */
  readonly generation: () => Generation;
  readonly stores: Stores;
  readonly follow: Follow;
  readonly respondAndRecord: RespondAndRecord;
}

/**
 * The way of a request: it begins, is evaluated (`evaluate/evaluate.ts` knows the order of the gates), is
 * forwarded or refused (`follow.ts`), and ends. The listener has made it out of octets before. Up to the
 * forwarding everything happens in one turn where no plugin needs to wait.
 */
export class Pipeline implements RequestHandler {
  readonly #parts: PipelineParts;
  readonly #open = new Roster<Exchange>();

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Exchanges in flight. */
  get openCount(): number {
    return this.#open.size;
  }

  handle(request: InboundRequest, sink: ResponseSink): void {
    const generation = this.#parts.generation();
    const exchange = this.#begin(request, sink, generation);
    try {
      this.#evaluate(exchange, generation);
    } catch (thrown) {
      exchange.fail(asFault(thrown));
    }
  }

  /** A message that the listener could not take for a request: same answer, same record. */
  refused(refusal: Refusal, attempt: RefusedAttempt, sink: ResponseSink): void {
    this.#parts.respondAndRecord.refusedAttempt(refusal, attempt, new MeasuredSink(sink));
  }

  /** The drain limit is reached: what is still open ends with an error its client can see. */
  abortAll(error: GatewayError): void {
    for (const exchange of this.#open.items()) exchange.fail(error);
  }

  #begin(request: InboundRequest, rawSink: ResponseSink, generation: Generation): Exchange {
    const { clock } = this.#parts;
    const exchange = new Exchange({
      id: newExchangeId(clock.now()),
      request,
      sink: new MeasuredSink(rawSink),
      policy: generation.snapshot,
      clock,
      onFail: this.#onFail,
    });
    const entry = this.#open.add(exchange);
    exchange.sink.onClose((error) => {
      if (entry.remove()) this.#end(exchange, error);
    });
    return exchange;
  }

  #evaluate(exchange: Exchange, generation: Generation): void {
    const { follow, stores } = this.#parts;
    const asked = { request: exchange.request, generation, asker: exchange };
    const decision = evaluate(asked, stores);
    if (!(decision instanceof Promise)) return follow.decision(exchange, generation, decision);
    decision
      .then((late) => follow.decision(exchange, generation, late))
      .catch((thrown: unknown) => exchange.fail(asFault(thrown)));
  }

  readonly #onFail = (exchange: Exchange, error: GatewayError): void =>
    this.#parts.follow.fault(exchange, error);

  #end(exchange: Exchange, error: GatewayError | undefined): void {
    if (error !== undefined) exchange.notes.fault(error);
    exchange.abort(error ?? FINISHED);
    exchange.release();
    this.#parts.respondAndRecord.record(exchange, error === undefined);
  }
}

/** What a plugin call still under way sees when its exchange is over. */
const FINISHED = new GatewayError('client_gone', { detail: 'the exchange is finished' });
