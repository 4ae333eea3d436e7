import type { Clock } from '../core/clock.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Decision, Found } from '../evaluate/decision.ts';
import type { Generation } from '../evaluate/generation.ts';
import type { Decisions } from './decisions.ts';
import type { RespondAndRecord } from './respond-and-record.ts';
import type { Exchange } from './exchange.ts';
import { asFault, faultRefusal } from './fault-refusal.ts';
import type { ForwardAllowed } from './forward-allowed.ts';
import type { LiveIdentities } from './live-identities.ts';
import type { OwnPages } from '../pages/own-pages.ts';
import { answerByPolicy, answerPreflight } from './answered.ts';

export interface FollowParts {
  readonly clock: Clock;
  readonly forward: ForwardAllowed;
  readonly respondAndRecord: RespondAndRecord;
  readonly decisions: Decisions;
  readonly live: LiveIdentities;
  readonly ownPages: OwnPages;
}

/** Does to an exchange what was decided. */
export class Follow {
  readonly #parts: FollowParts;

  constructor(parts: FollowParts) {
    this.#parts = parts;
  }

  decision(exchange: Exchange, generation: Generation, decision: Decision): void {
    exchange.decided(decision);
    this.#parts.decisions.decided(exchange, decision);
    switch (decision.kind) {
      case 'allow': {
        exchange.held.use(decision.permit);
        exchange.notes.found(decision);
        if (!this.#keep(exchange, decision)) return;
        return this.#parts.forward.start(exchange, generation, decision);
      }
      case 'redirect':
      case 'respond':
        exchange.held.use(decision.permit);
        exchange.notes.found(decision);
        if (!this.#keep(exchange, decision)) return;
        return answerByPolicy(exchange, decision, this.#parts.clock.now());
      case 'refuse':
        exchange.notes.found(decision);
        // What another site sent must not move a session on.
        if (decision.gate !== 'cross-site' && !this.#keep(exchange, decision)) return;
        return this.#refuse(exchange, decision.refusal);
      case 'own':
        return this.#servePage(exchange, generation, decision.match);
      case 'preflight':
        return answerPreflight(exchange, decision.match.rule.cors!, this.#parts.clock.now());
      case 'gone':
    }
  }

  /** Before the head: an answer of ours. After it: the client must see that this is not the whole. */
  fault(exchange: Exchange, error: GatewayError): void {
    if (exchange.sink.isHeadSent) this.#parts.respondAndRecord.cut(exchange, error);
    else this.#refuse(exchange, faultRefusal(error));
  }

  /**
   * The identity holds as long as the exchange is open. False: it has ended, and so has the exchange. Before
   * a refusal too: a session that was renewed on the way must reach its browser.
   */
  #keep(exchange: Exchange, { identity }: Pick<Found, 'identity'>): boolean {
    if (identity === undefined) return true;
    for (const cookie of identity.setCookies ?? []) exchange.ownFields.setCookie(cookie);
    if (this.#parts.live.watch(exchange, identity)) exchange.sink.mayEndEarly(exchange.request);
    return !exchange.isAborted;
  }

  #servePage(
    exchange: Exchange,
    generation: Generation,
    match: Extract<Decision, { readonly kind: 'own' }>['match'],
  ): void {
    exchange.noteRoute(match.rule, match.path);
    const { ownPages, decisions } = this.#parts;
    const onPageRefused = decisions.pageRefused.bind(decisions, exchange);
    ownPages.serve({ exchange, generation, match, onPageRefused }).then(
      (refusal) => {
        if (refusal !== undefined) this.#refuse(exchange, refusal);
      },
      (thrown: unknown) => exchange.fail(asFault(thrown)),
    );
  }

  #refuse(exchange: Exchange, refusal: Refusal): void {
    exchange.notes.refusal(refusal);
    this.#parts.respondAndRecord.refusal(exchange, refusal);
  }
}
