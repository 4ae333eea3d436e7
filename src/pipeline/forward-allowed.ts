import type { Clock } from '../core/clock.ts';
import type { Allowed } from '../evaluate/decision.ts';
import type { Generation } from '../evaluate/generation.ts';
import type { Forwarder } from '../forward/forward.ts';
import { ClientResponse } from './client-response.ts';
import type { Exchange } from './exchange.ts';

export interface ForwardAllowedParts {
  readonly forwarder: Forwarder;
  readonly clock: Clock;
  /** Hears of each chunk of a body, either way. */
  readonly onOctets: (bytes: number) => void;
}

/** Forwards allowed requests; their responses go to the client by `ClientResponse`. */
export class ForwardAllowed {
  readonly #parts: ForwardAllowedParts;

  constructor(parts: ForwardAllowedParts) {
    this.#parts = parts;
  }

  start(exchange: Exchange, generation: Generation, allowed: Allowed): void {
    const { match, identity, tenant, requestFields } = allowed;
    const { forwarder, clock, onOctets } = this.#parts;
    const { request, policy, sink } = exchange;
    exchange.notes.service(match.rule.service ?? '');
    const started = forwarder.start(
      {
        request,
        policy,
        rule: match.rule,
        target: match.forwardTarget,
        identity,
        requestFields,
        publicPort: generation.publicPort,
        bandwidth: lowest(match.rule.bandwidth, tenant.limits?.bandwidth),
      },
      new ClientResponse({ exchange, allowed, clock, onOctets }),
    );
    sink.onDrain(() => started.resume());
    // A drain may end it between two frames.
    if (request.upgrade !== undefined) sink.mayEndEarly(request);
    exchange.onAbort((error) => started.abort(error));
  }
}

/** What a rule and a tenant may have both holds: the lower of the two. */
function lowest(rule: number | undefined, tenant: number | undefined): number | undefined {
  if (rule === undefined || tenant === undefined) return rule ?? tenant;
  return Math.min(rule, tenant);
}
