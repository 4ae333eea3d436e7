import type { Clock } from '../core/clock.ts';
import { isRefusal } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Allowed } from '../evaluate/decision.ts';
import type { Generation } from '../evaluate/generation.ts';
import type { Forwarder } from '../forward/forward.ts';
import type { Exchange } from './exchange.ts';
import { shapeHead, shapeTrailers } from './response-shape.ts';

/** Starts the forwarding of an allowed request. A refusal: nothing was started. */
export type ForwardAllowed = (
  exchange: Exchange,
  generation: Generation,
  allowed: Allowed,
) => Refusal | undefined;

export function forwardAllowed(forwarder: Forwarder, clock: Clock): ForwardAllowed {
  return (exchange, { publicPort }, { match, identity, tenant, permit }) => {
    const started = forwarder.start({
      request: exchange.request,
      sink: exchange.sink,
      policy: exchange.policy,
      rule: match.rule,
      target: match.forwardTarget,
      identity,
      tenantId: tenant.id,
      publicPort,
      notes: exchange.notes,
      shapeHead: (status, headers) =>
        shapeHead(exchange, status, headers, {
          rateLimitFields: permit.fields,
          nowMs: clock.now(),
        }),
      shapeTrailers,
      onFault: (error) => exchange.fail(error),
    });
    if (isRefusal(started)) return started;
    // A drain may end it between two frames.
    if (exchange.request.upgrade !== undefined) exchange.sink.mayEndEarly(exchange.request);
    exchange.onAbort((error) => started.abort(error));
    return undefined;
  };
}
