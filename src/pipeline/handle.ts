import { authenticate } from '../auth/authenticate.ts';
import type { AuthenticatedIdentity, AuthOutcome } from '../auth/authenticate.ts';
import { crossSiteRefusal } from '../auth/cross-site.ts';
import { unmetRequirement } from '../auth/requirements.ts';
import { setCookieField } from '../auth/set-cookie.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { newExchangeId } from '../core/ids.ts';
import type {
  InboundRequest,
  RefusedAttempt,
  RequestHandler,
  ResponseSink,
} from '../core/message.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import { Roster } from '../core/roster.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import type { AddressLimiter } from '../limit/address-limiter.ts';
import { gatesFor } from '../limit/gates.ts';
import type { Limiter } from '../limit/limiter.ts';
import type { Permit } from '../limit/permit.ts';
import { isTrustedOrigin } from '../respond/cors.ts';
import { matchOwn, matchRoute } from '../route/match.ts';
import type { OwnMatch, RouteMatch } from '../route/match.ts';
import type { SessionService } from '../session/session-service.ts';
import { resolveTenant } from '../tenant/resolve-tenant.ts';
import type { Tenant, UnknownTierListener } from '../tenant/resolve-tenant.ts';
import type { Closing } from './closing.ts';
import { crossOrigin } from './cross-origin.ts';
import { Exchange } from './exchange.ts';
import { asFault, faultRefusal } from './fault-refusal.ts';
import type { Generation } from './generation.ts';
import { LiveIdentities } from './live-identities.ts';
import { MeasuredSink } from './measured-sink.ts';
import { noteIdentity, noteRoute, noteTenant } from './notes.ts';
import { OwnPages } from './own-pages.ts';
import { shapeHead, shapeTrailers } from './response-shape.ts';

export interface PipelineParts {
  readonly clock: Clock;
  /** The generation that serves new requests. */
  readonly generation: () => Generation;
  readonly addressLimiter: AddressLimiter;
  readonly limiter: Limiter;
  readonly forwarder: Forwarder;
  readonly closing: Closing;
  readonly sessions: SessionService;
  readonly onUnknownTier: UnknownTierListener;
}

/** What the stages before `forward` found out. */
interface Admitted {
  readonly match: RouteMatch;
  readonly identity: AuthenticatedIdentity | undefined;
  readonly tenant: Tenant;
  readonly permit: Permit;
}

/**
 * The path of a request, the one place that knows the order of the stages:
 *
 *   accept → tls → http → route → authenticate → tenant → limit → forward → respond → record
 *
 * The listener has done the first three. A stage refuses by a returned value; a fault is thrown and
 * becomes a refusal here. In the common case everything up to `forward` happens in one turn.
 */
export class Pipeline implements RequestHandler {
  readonly #parts: PipelineParts;
  readonly #open = new Roster<Exchange>();
  readonly #live: LiveIdentities;
  readonly #ownPages: OwnPages;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    const { clock, limiter, sessions } = parts;
    this.#ownPages = new OwnPages({ clock, limiter, sessions });
    this.#live = new LiveIdentities({
      clock,
      keepAlive: (provider, session) => sessions.forProvider(provider).keepAlive(session),
      end: (exchange, error) => this.#fault(exchange, error),
    });
    sessions.onEnded(this.#live);
  }

  /** Exchanges in flight. */
  get openCount(): number {
    return this.#open.size;
  }

  handle(request: InboundRequest, sink: ResponseSink): void {
    const generation = this.#parts.generation();
    const exchange = this.#begin(request, sink, generation);
    this.#guarded(exchange, () => this.#route(exchange, generation));
  }

  /** A message that the listener could not take for a request: same answer, same record. */
  refused(refusal: Refusal, attempt: RefusedAttempt, sink: ResponseSink): void {
    this.#parts.closing.refusedAttempt(refusal, attempt, new MeasuredSink(sink));
  }

  /** The drain limit is reached: what is still open ends with an error its client can see. */
  abortAll(error: GatewayError): void {
    for (const exchange of this.#open.items()) this.#fault(exchange, error);
  }

  #begin(request: InboundRequest, rawSink: ResponseSink, generation: Generation): Exchange {
    const { clock } = this.#parts;
    const exchange = new Exchange({
      id: newExchangeId(clock.now()),
      request,
      sink: new MeasuredSink(rawSink),
      policy: generation.snapshot,
      clock,
    });
    const place = this.#open.enter(exchange);
    exchange.sink.onClose((error) => {
      if (place.leave()) this.#end(exchange, error);
    });
    return exchange;
  }

  #route(exchange: Exchange, generation: Generation): void {
    const { request, policy } = exchange;
    const address = request.connection.remoteAddress;
    const early = this.#parts.addressLimiter.admit(
      address,
      policy.gateway.limits.perClientAddress.rate,
    );
    if (early !== undefined) return this.#refuse(exchange, early);
    const own = matchOwn(policy.routes, request);
    if (own !== undefined) return this.#ownPage(exchange, generation, own);
    const match = matchRoute(policy.routes, request);
    if (isRefusal(match)) return this.#refuse(exchange, match);
    noteRoute(exchange, match);
    exchange.limitTotal(match.rule.totalMs, (error) => this.#fault(exchange, error));
    if (crossOrigin(exchange, match.rule.cors, this.#parts.clock.now())) return;
    this.#authenticate(exchange, generation, match);
  }

  #ownPage(exchange: Exchange, generation: Generation, match: OwnMatch | Refusal): void {
    if (isRefusal(match)) return this.#refuse(exchange, match);
    noteRoute(exchange, match);
    this.#ownPages.serve({ exchange, generation, match }).then(
      (refusal) => {
        if (refusal !== undefined) this.#refuse(exchange, refusal);
      },
      (thrown: unknown) => this.#fault(exchange, asFault(thrown)),
    );
  }

  #authenticate(exchange: Exchange, generation: Generation, match: RouteMatch): void {
    const outcome = authenticate({
      exchangeId: exchange.id,
      request: exchange.request,
      rule: match.rule,
      providers: generation.providers,
      publicPort: generation.publicPort,
      signal: () => exchange.signal,
      renewal: (provider, view) => this.#parts.sessions.forProvider(provider).renewal(view),
    });
    if (!(outcome instanceof Promise)) return this.#admit(exchange, generation, match, outcome);
    outcome.then(
      (identity) =>
        this.#guarded(exchange, () => this.#admit(exchange, generation, match, identity)),
      (thrown: unknown) => this.#fault(exchange, asFault(thrown)),
    );
  }

  #admit(
    exchange: Exchange,
    generation: Generation,
    match: RouteMatch,
    identity: AuthOutcome,
  ): void {
    // The client may have left while a plugin was asked.
    if (exchange.isAborted) return;
    if (isRefusal(identity)) return this.#refuse(exchange, identity);
    noteIdentity(exchange, identity);
    const { policy, request } = exchange;
    const { publicPort } = generation;
    const isAllowedOrigin = isTrustedOrigin(match.rule.cors, request.headers);
    const foreign = crossSiteRefusal(request, identity, { publicPort, isAllowedOrigin });
    if (foreign !== undefined) return this.#refuse(exchange, foreign);
    // Before any 403: a session that was renewed on the way must reach its browser.
    this.#keep(exchange, identity);
    // Its session may have ended while another provider, or a refresh, was waited for.
    if (exchange.isAborted) return;
    const unmet = unmetRequirement(match.rule.requires, identity, this.#parts.clock.now());
    if (unmet !== undefined) return this.#refuse(exchange, unmet);
    const address = request.connection.remoteAddress;
    const tenant = resolveTenant(policy, identity, address, this.#parts.onUnknownTier);
    if (isRefusal(tenant)) return this.#refuse(exchange, tenant);
    noteTenant(exchange, tenant);
    const permit = this.#limit(exchange, match, tenant);
    if (isRefusal(permit)) return this.#refuse(exchange, permit);
    this.#forward(exchange, generation, { match, identity, tenant, permit });
  }

  /** The identity holds as long as the exchange is open, or the exchange ends. */
  #keep(exchange: Exchange, identity: AuthenticatedIdentity | undefined): void {
    if (identity === undefined) return;
    for (const cookie of identity.setCookies ?? []) {
      exchange.responseFields.push('set-cookie', setCookieField(cookie));
    }
    if (this.#live.watch(exchange, identity)) exchange.sink.mayEndEarly(exchange.request);
  }

  #limit(exchange: Exchange, match: RouteMatch, tenant: Tenant): Permit | Refusal {
    const length = exchange.request.body.length ?? 0;
    if (length > match.rule.bodyBytes) {
      return refuse('body_too_large', {
        reason: {
          code: 'limit.body',
          detail: `the body has ${length} octets, at most ${match.rule.bodyBytes} are allowed here`,
        },
      });
    }
    const permit = this.#parts.limiter.admit(gatesFor(match.rule, tenant));
    if (!isRefusal(permit)) exchange.held.use(permit);
    return permit;
  }

  #forward(exchange: Exchange, generation: Generation, admitted: Admitted): void {
    const { match, identity, tenant, permit } = admitted;
    const started = this.#parts.forwarder.start({
      request: exchange.request,
      sink: exchange.sink,
      policy: exchange.policy,
      rule: match.rule,
      target: match.forwardTarget,
      identity,
      tenantId: tenant.id,
      publicPort: generation.publicPort,
      notes: exchange.notes,
      shapeHead: (status, headers) =>
        shapeHead(exchange, status, headers, {
          rateLimitFields: permit.fields,
          nowMs: this.#parts.clock.now(),
        }),
      shapeTrailers,
      onFault: (error) => this.#fault(exchange, error),
    });
    if (isRefusal(started)) return this.#refuse(exchange, started);
    // A drain may end it between two frames.
    if (exchange.request.upgrade !== undefined) exchange.sink.mayEndEarly(exchange.request);
    exchange.onAbort((error) => started.abort(error));
  }

  #refuse(exchange: Exchange, refusal: Refusal): void {
    exchange.notes.refusal = refusal;
    this.#parts.closing.refusal(exchange, refusal);
  }

  /** Before the head: an answer of ours. After it: the client must see that this is not the whole. */
  #fault(exchange: Exchange, error: GatewayError): void {
    if (exchange.sink.isClosed) return;
    exchange.notes.fault ??= error.code;
    exchange.notes.faultDetail ??= error.message;
    exchange.abort(error);
    if (exchange.sink.isHeadSent) this.#parts.closing.cut(exchange, error);
    else this.#refuse(exchange, faultRefusal(error));
  }

  #end(exchange: Exchange, error: GatewayError | undefined): void {
    if (error !== undefined) {
      exchange.notes.fault ??= error.code;
      exchange.notes.faultDetail ??= error.message;
    }
    exchange.abort(error ?? FINISHED);
    exchange.release();
    this.#parts.closing.record(exchange, error === undefined);
  }

  #guarded(exchange: Exchange, run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.#fault(exchange, asFault(thrown));
    }
  }
}

/** What a plugin call still under way sees when its exchange is over. */
const FINISHED = new GatewayError('client_gone', { detail: 'the exchange is finished' });
