import type { Clock } from '../core/clock.ts';
import type { RefusedAttempt } from '../core/message.ts';
import type { Refusal, RefusalReason } from '../core/refusal.ts';
import type { Decision } from '../evaluate/decision.ts';
import { cutText } from '../record/record.ts';
import type { ConnectionRecord, DecisionRecord, DecisionRing } from '../record/record.ts';
import { decisionParts, placedAnswers, reasonOf } from './decision-parts.ts';
import type { Exchange } from './exchange.ts';

/**
 * Keeps what was decided under the id that the client is told. Every refusal, before its answer goes out;
 * of the rest a sample. A record is made of what the decision has already: nothing watches a request for it.
 */
export class Decisions {
  readonly #clock: Clock;
  readonly #ring: DecisionRing;

  constructor(clock: Clock, ring: DecisionRing) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** The gates let it through, or answered it themselves. */
  decided(exchange: Exchange, decision: Decision): void {
    if (decision.kind === 'refuse' || decision.kind === 'gone') return;
    if (!this.#ring.isSampled(exchange.startedMs)) return;
    const outcome = decision.kind === 'allow' ? 'allowed' : 'answered';
    this.#ring.keep({
      ...this.#headOf(exchange),
      outcome,
      status: undefined,
      ...decisionParts(exchange.decision, exchange.policy),
    });
  }

  /** It is answered with this refusal, or its response is cut with it. */
  refused(exchange: Exchange, { code, status, reason, answers, limits }: Refusal): void {
    const parts = decisionParts(exchange.decision, exchange.policy);
    this.#ring.keep({
      ...this.#headOf(exchange),
      outcome: 'refused',
      status,
      code,
      reason: reasonOf(reason ?? faultOf(exchange)),
      ...parts,
      ...(answers !== undefined && { providers: placedAnswers(answers, exchange.policy) }),
      ...(limits !== undefined && { limits }),
    });
  }

  /** A page of ours said no in its own words, such as a login that did not work. */
  pageRefused(exchange: Exchange, status: number, reason: RefusalReason): void {
    const head = this.#headOf(exchange);
    const [code, why] = [reason.code, reasonOf(reason)];
    this.#ring.keep({
      ...head,
      outcome: 'refused',
      status,
      code,
      reason: why,
      ...decisionParts(exchange.decision, exchange.policy),
    });
  }

  /** A message that never became a request. */
  attempt(id: string, attempt: RefusedAttempt, { code, status, reason }: Refusal): void {
    this.#ring.keep({
      id,
      time: new Date(this.#clock.now()).toISOString(),
      request: requestOf(attempt, attempt.target),
      outcome: 'refused',
      status,
      code,
      reason: reasonOf(reason),
      ...NOTHING,
      gate: 'listener',
    });
  }

  /** A connection that was to go on untouched. Its client is told no id; the access line has it. */
  connection({ id, connection, serverName, refusal, startedAtMs }: ConnectionRecord): void {
    if (refusal === undefined) return;
    const client = connection.remoteAddress;
    this.#ring.keep({
      id,
      time: new Date(startedAtMs).toISOString(),
      request: { method: undefined, host: serverName, path: undefined, version: undefined, client },
      outcome: 'refused',
      status: undefined,
      code: refusal.code,
      reason: reasonOf(refusal.reason),
      ...NOTHING,
      limits: refusal.limits ?? [],
      gate: 'passthrough',
    });
  }

  #headOf({ id, request, normalPath }: Exchange): Pick<DecisionRecord, 'id' | 'time' | 'request'> {
    const time = new Date(this.#clock.now()).toISOString();
    return { id, time, request: requestOf(request, normalPath ?? request.target) };
  }
}

const NOTHING = { providers: [], limits: [] } as const;

function requestOf(
  { method, host, version, clientAddress }: Omit<RefusedAttempt, 'receivedAtMs' | 'target'>,
  target: string | undefined,
): DecisionRecord['request'] {
  return {
    method: cutOrNone(method),
    host: cutOrNone(host),
    path: cutOrNone(target?.split(/[?#]/, 1)[0]),
    version,
    client: clientAddress,
  };
}

function faultOf({ notes }: Exchange): RefusalReason | undefined {
  const { fault, faultDetail } = notes.all;
  if (fault === undefined || faultDetail === undefined) return undefined;
  return { code: fault, detail: faultDetail };
}

function cutOrNone(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cutText(text);
}
