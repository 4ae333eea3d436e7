import type { Clock } from '../../core/clock.ts';
import type { Generation } from '../../evaluate/generation.ts';
import type { Forwarder } from '../../forward/forward.ts';
import {
  Follow,
  ForwardAllowed,
  LiveIdentities,
  Pipeline,
  RespondAndRecord,
} from '../../pipeline/pipeline.ts';
import { OwnPages } from '../../pages/own-pages.ts';
import type { RequestView } from '../../plugin/contract.ts';
import type { SessionService } from '../../session/session.ts';
import type { UnknownTierListener } from '../../evaluate/tenant/resolve-tenant.ts';
import type { Shedder } from '../../evaluate/shed/shedder.ts';
import type { TrafficParts } from './traffic-parts.ts';

export interface PipelineNeeds extends TrafficParts {
  readonly clock: Clock;
  readonly generation: () => Generation;
  readonly forwarder: Forwarder;
  /** Hears of each chunk of a body, either way. */
  readonly onOctets: (bytes: number) => void;
  readonly sessions: SessionService;
  readonly onUnknownTier: UnknownTierListener;
  /** Undefined: nobody is refused for overload. */
  readonly shedder?: Shedder;
}

/** Joins the parts of the request path. */
export function createPipeline(needs: PipelineNeeds): Pipeline {
  const { clock, generation, limiter, recorder, sessions, decisions } = needs;
  const gateway = () => generation().snapshot.gateway;
  const respondAndRecord = new RespondAndRecord({ clock, recorder, gateway, decisions });
  const live = new LiveIdentities({
    clock,
    keepAlive: (provider, session) => sessions.forProvider(provider).keepAlive(session),
    end: (exchange, error) => exchange.fail(error),
  });
  sessions.onEnded(live);
  const follow = new Follow({
    clock,
    respondAndRecord,
    decisions,
    live,
    forward: new ForwardAllowed({ forwarder: needs.forwarder, clock, onOctets: needs.onOctets }),
    ownPages: new OwnPages({ clock, limiter, sessions }),
  });
  const stores = {
    clock,
    addressLimiter: needs.addressLimiter,
    limiter,
    renewal: (provider: string, view: RequestView) => sessions.forProvider(provider).renewal(view),
    onUnknownTier: needs.onUnknownTier,
    ...(needs.shedder !== undefined && { shedder: needs.shedder }),
  };
  return new Pipeline({ clock, generation, stores, follow, respondAndRecord });
}
