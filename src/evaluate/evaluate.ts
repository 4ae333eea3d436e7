import { addressRefusal } from './admit-address.ts';
import { authenticate } from './auth/authenticate.ts';
import type { AuthenticatedIdentity } from '../core/identity.ts';
import type { AuthOutcome } from './auth/authenticate.ts';
import { isTrustedOrigin } from '../browser/cors-request.ts';
import { crossSiteRefusal } from './auth/cross-site.ts';
import { NOTHING_TOLD, toldFields, writesFields } from './identity/told-fields.ts';
import type { ToldFields } from './identity/told-fields.ts';
import { unmetRequirement } from './auth/requirements.ts';
import { unmetWhen } from './auth/when.ts';
import type { Clock } from '../core/clock.ts';
import type { Maybe } from '../core/maybe.ts';
import type { RequestFacts } from '../core/message.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import { requestChecks } from './limit/limit.ts';
import type { AddressLimiter, Limiter, Permit } from './limit/limit.ts';
import type { Cookie, RequestView } from '../plugin/contract.ts';
import { matchOwn, matchRoute } from './route/match.ts';
import type { RouteMatch } from './route/match.ts';
import type { Shedder } from './shed/shedder.ts';
import { resolveTenant } from './tenant/resolve-tenant.ts';
import type { Tenant, UnknownTierListener } from './tenant/resolve-tenant.ts';
import { NOTHING_FOUND } from './decision.ts';
import type { Decision, Found, Gate } from './decision.ts';
import { locationOf } from './route/location.ts';
import type { Generation } from './generation.ts';
import type { Observer } from './observer.ts';
import { namedReason } from '../telemetry/names/names.ts';

/** What outlasts a request and a reload. */
export interface Stores {
  readonly clock: Clock;
  readonly addressLimiter: AddressLimiter;
  readonly limiter: Limiter;
  /** Cookies that keep a provider's session which was found for this view. */
  readonly renewal?: (provider: string, view: RequestView) => readonly Cookie[];
  readonly onUnknownTier?: UnknownTierListener;
  /** Who is refused while the gateway is overloaded; undefined: nobody. */
  readonly shedder?: Pick<Shedder, 'refusal'>;
}

/** Who waits for the decision: an exchange of live traffic, or a command. */
export interface Asker {
  readonly id: string;
  /** Aborts what a plugin waits for. Made when asked for. */
  readonly signal: AbortSignal;
  /** True: nobody waits any more. */
  readonly isAborted: boolean;
  /** The rule is known, and what it says of time and of other sites holds from now on. */
  routed(match: RouteMatch): void;
}

export interface Asked {
  readonly request: RequestFacts;
  readonly generation: Generation;
  readonly asker: Asker;
  readonly observer?: Observer;
}

/**
 * What becomes of a request, by the one order of the gates:
 *
 *   address list → address limit → own page? → route → methods → CORS → authenticate → cross-site
 *   → require → authorize → tenant → overload → identity headers → limit → redirect, respond or forward
 *
 * The address list of the gateway comes first; those of route and path as soon as these are known, before anything
 * else of theirs. (Authorizers are not there yet; their place is kept in `GATES`.) The first
 * gate that says no decides. A promise only when a plugin or a store of limits answers with one. Throws what a broken
 * invariant throws; a plugin's fault is a refusal. Limits are taken last, so a refusal costs nobody a token.
 */
export function evaluate(asked: Asked, stores: Stores): Maybe<Decision> {
  const { request, generation } = asked;
  const { from, limits } = generation.snapshot.gateway;
  const foreign = addressRefusal(from, request.clientAddress);
  if (foreign !== undefined) return refused('address-list', foreign, NOTHING_FOUND);
  const { rate } = limits.perClientAddress;
  const early = stores.addressLimiter.admit(request.clientAddress, rate);
  if (!(early instanceof Promise)) return fromAddress(asked, stores, early);
  return early.then((late) => (asked.asker.isAborted ? GONE : fromAddress(asked, stores, late)));
}

/** What its address may do is known. */
function fromAddress(asked: Asked, stores: Stores, early: Refusal | undefined): Maybe<Decision> {
  if (early !== undefined) return refused('address-limit', early, NOTHING_FOUND);
  const { request, generation } = asked;
  const { routes } = generation.snapshot;
  const own = matchOwn(routes, request);
  if (isRefusal(own)) return refused('own-page', own, NOTHING_FOUND);
  if (own !== undefined) return { kind: 'own', match: own };
  const match = matchRoute(routes, request);
  if (isRefusal(match)) return refused(gateOf(match), match, NOTHING_FOUND);
  asked.observer?.({ kind: 'route', match });
  asked.asker.routed(match);
  const foreign = addressRefusal(match.rule.from, request.clientAddress);
  if (foreign !== undefined) return refused('address-list', foreign, { ...NOTHING_FOUND, match });
  if (match.isPreflight) return { kind: 'preflight', match };
  const outcome = askProviders(asked, stores, match);
  if (!(outcome instanceof Promise)) return fromIdentity(asked, stores, match, outcome);
  return outcome.then((late) =>
    asked.asker.isAborted ? GONE : fromIdentity(asked, stores, match, late),
  );
}

/** The path has rules, and none of them takes the method. */
function gateOf({ code }: Refusal): Gate {
  return code === 'method_not_allowed' ? 'methods' : 'route';
}

const GONE: Decision = Object.freeze({ kind: 'gone' });

function askProviders(asked: Asked, { renewal }: Stores, match: RouteMatch): Maybe<AuthOutcome> {
  const { asker, request, generation, observer } = asked;
  return authenticate({
    exchangeId: asker.id,
    request,
    rule: match.rule,
    providers: generation.providers,
    publicPort: generation.publicPort,
    signal: () => asker.signal,
    ...(renewal !== undefined && { renewal }),
    ...(observer !== undefined && {
      observe: (name, result) => observer({ kind: 'provider', name, result }),
    }),
  });
}

/** Who asks is known, or that nobody shows who. */
function fromIdentity(
  asked: Asked,
  stores: Stores,
  match: RouteMatch,
  outcome: AuthOutcome,
): Maybe<Decision> {
  if (isRefusal(outcome)) return refused('authenticate', outcome, { ...NOTHING_FOUND, match });
  const identity = outcome;
  const known: Found = { match, identity, tenant: undefined };
  const foreign = crossSite(asked, match, identity);
  if (foreign !== undefined) return refused('cross-site', foreign, known);
  const unmet = unmetRequirement(match.rule.requires, identity, stores.clock.now());
  if (unmet !== undefined) return refused('require', unmet, known);
  const { request, generation } = asked;
  const tenant = resolveTenant(
    generation.snapshot,
    identity,
    request.clientAddress,
    stores.onUnknownTier,
  );
  const denied = unmetExpression(asked, match, identity, tenant);
  if (denied !== undefined) return refused('require', denied, known);
  if (isRefusal(tenant)) return refused('tenant', tenant, known);
  asked.observer?.({ kind: 'tenant', tenant });
  const shed = stores.shedder?.refusal(tenant.tier);
  if (shed !== undefined) return refused('overload', shed, { match, identity, tenant });
  const told = toldOf(asked, match, identity, tenant);
  if (isRefusal(told)) return refused('identity-headers', told, { match, identity, tenant });
  const taken = takeLimits(asked, stores, match, tenant);
  const found = { match, identity, tenant, told };
  if (!(taken instanceof Promise)) return fromLimits(asked, taken, found);
  return taken.then((late) =>
    asked.asker.isAborted ? goneWith(late) : fromLimits(asked, late, found),
  );
}

/** `require.when` may name the tenant, so that is looked up before this part of `require`. */
function unmetExpression(
  { request }: Asked,
  { rule, path }: RouteMatch,
  identity: AuthenticatedIdentity | undefined,
  found: Tenant | Refusal,
): Refusal | undefined {
  const when = rule.requires?.when;
  if (when === undefined) return undefined;
  const tenant = isRefusal(found) ? undefined : found;
  return unmetWhen(when, { request, path, identity, tenant });
}

/** All that the gates found, and what the policy writes into fields because of it. */
interface ToldMatch {
  readonly match: RouteMatch;
  readonly identity: AuthenticatedIdentity | undefined;
  readonly tenant: Tenant;
  readonly told: ToldFields;
}

/** Everything is known. */
function fromLimits(
  { request, generation: { publicPort } }: Asked,
  taken: Permit | Refusal,
  { told, ...found }: ToldMatch,
): Decision {
  if (isRefusal(taken)) return refused('limit', taken, found);
  const { match, identity, tenant } = found;
  const { answer } = match.rule;
  const { requestFields, responseFields } = told;
  if (answer === undefined) {
    return { kind: 'allow', match, identity, tenant, requestFields, responseFields, permit: taken };
  }
  const admitted = { ...found, responseFields, permit: taken };
  if (answer.kind === 'respond') return { kind: 'respond', answer, ...admitted };
  const location = locationOf(answer, match, request, publicPort);
  return { kind: 'redirect', status: answer.status, location, ...admitted };
}

/** What the policy writes into the fields of the request and of its response. */
function toldOf(
  { request, asker }: Asked,
  { rule }: RouteMatch,
  identity: AuthenticatedIdentity | undefined,
  tenant: Tenant,
): ToldFields | Refusal {
  if (!writesFields(rule)) return NOTHING_TOLD;
  const { clientAddress } = request;
  return toldFields(rule, { identity, tenant, requestId: asker.id, clientAddress });
}

/** Nobody waits any more, so the place is free again. */
function goneWith(taken: Permit | Refusal): Decision {
  if (!isRefusal(taken)) taken[Symbol.dispose]();
  return GONE;
}

function crossSite(
  { request, generation: { publicPort } }: Asked,
  match: RouteMatch,
  identity: AuthenticatedIdentity | undefined,
): Refusal | undefined {
  const isAllowedOrigin = isTrustedOrigin(match.rule.cors, request.headers);
  return crossSiteRefusal(request, identity, { publicPort, isAllowedOrigin });
}

function takeLimits(
  { request, observer }: Asked,
  { limiter }: Stores,
  { rule }: RouteMatch,
  tenant: Tenant,
): Maybe<Permit | Refusal> {
  const length = request.body.length ?? 0;
  if (length > rule.bodyBytes) return tooLarge(length, rule.bodyBytes);
  const checks = requestChecks(rule, tenant, request.connection.life);
  observer?.({ kind: 'limits', checks });
  return limiter.admit(checks);
}

function tooLarge(length: number, most: number): Refusal {
  const detail = `the body has ${length} octets, at most ${most} are allowed here`;
  return refuse('body_too_large', { reason: namedReason('limit.body', detail) });
}

function refused(gate: Gate, refusal: Refusal, found: Found): Decision {
  return { kind: 'refuse', gate, refusal, ...found };
}
