import { providerFailed } from '../auth/auth-refusal.ts';
import { crossSite } from '../auth/cross-site.ts';
import { LazyEndpointRequest } from '../auth/endpoint-request.ts';
import { loginUrl } from '../auth/login-url.ts';
import { isSameOrigin } from '../auth/same-origin.ts';
import { setCookieField } from '../auth/set-cookie.ts';
import type { Clock } from '../core/clock.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Limiter } from '../limit/limiter.ts';
import type { Endpoint, Session } from '../plugin/contract.ts';
import type { ReadAnswer } from '../plugin/endpoint-answer.ts';
import type { Provider } from '../plugin/provider.ts';
import { ownResponseFields } from '../respond/own-response.ts';
import { prefersHtml } from '../respond/prefers-html.ts';
import { renderSession } from '../respond/session-report.ts';
import { providersOfHost } from '../route/match.ts';
import type { OwnMatch } from '../route/match.ts';
import type { OwnPath } from '../route/own-path.ts';
import type { SessionService } from '../session/session-service.ts';
import type { Exchange } from './exchange.ts';
import type { Generation } from './generation.ts';
import { readBody } from './read-body.ts';
import { sessionReport } from './session-page.ts';

/** A form with a few fields; an endpoint that wants more says so. */
const DEFAULT_BODY_BYTES = 64 * 1024;

/** Page and provider endpoint by the names that people type. */
const SESSION = 'session';
const LOGOUT = 'logout';
const NO_BODY = new Uint8Array(0);

export interface OwnPagesParts {
  readonly clock: Clock;
  readonly sessions: SessionService;
  readonly limiter: Limiter;
}

interface Known {
  readonly provider: string;
  readonly session: Session;
}

/** One request for a page of ours. */
export interface OwnRequest {
  readonly exchange: Exchange;
  readonly generation: Generation;
  readonly match: OwnMatch;
}

/**
 * Everything below `/.fairlead`: endpoints of the providers that the host's routes use. Never a
 * service's; what is not ours is 404.
 */
export class OwnPages {
  readonly #parts: OwnPagesParts;

  constructor(parts: OwnPagesParts) {
    this.#parts = parts;
  }

  /** Undefined: answered. Rejects when the request's body does not complete, or the store is away. */
  async serve(asked: OwnRequest): Promise<Refusal | undefined> {
    const { own } = asked.match;
    if (own.owner === SESSION && own.rest === '') return this.#session(asked);
    return this.#endpoint(asked, own);
  }

  async #endpoint(asked: OwnRequest, own: OwnPath): Promise<Refusal | undefined> {
    const { exchange } = asked;
    const provider = providerOf(asked, own);
    if (provider === undefined) return nothing(`${own.owner} is no provider of this host`);
    exchange.notes.provider = own.owner;
    const endpoint = endpointOf(provider, asked, own);
    if (isRefusal(endpoint)) return endpoint;
    const body = await readBody(exchange.request.body, endpoint.maxBodyBytes ?? DEFAULT_BODY_BYTES);
    if (isRefusal(body)) return body;
    const answer = await provider.serve(endpoint, viewOf(asked, body), () => exchange.signal);
    if ('kind' in answer) return providerFailed(own.owner, answer.reason);
    this.#send(exchange, answer);
    return undefined;
  }

  /** The own session, to look at or to end. */
  async #session(asked: OwnRequest): Promise<Refusal | undefined> {
    const { exchange, generation } = asked;
    const { method } = exchange.request;
    if (method !== 'GET' && method !== 'POST') return notAllowed(['GET', 'POST']);
    if (method === 'POST' && !isSameOrigin(exchange.request, generation.publicPort)) {
      return crossSite();
    }
    const known = await this.#knownSession(asked);
    if (isRefusal(known)) return known;
    if (known === undefined) return notLoggedIn(asked);
    exchange.notes.provider = known.provider;
    return method === 'GET' ? this.#show(asked, known) : this.#logOut(asked, known);
  }

  async #knownSession(asked: OwnRequest): Promise<Known | Refusal | undefined> {
    const { policy, request } = asked.exchange;
    const view = viewOf(asked, NO_BODY);
    for (const provider of providersOfHost(policy.routes, request.host)) {
      try {
        const session = await this.#parts.sessions.forProvider(provider).current(view);
        if (session !== undefined) return { provider, session };
      } catch (thrown) {
        return storeFailed(provider, thrown);
      }
    }
    return undefined;
  }

  #show(asked: OwnRequest, { provider, session }: Known): undefined {
    const { exchange } = asked;
    const { policy, request } = exchange;
    const { limiter } = this.#parts;
    const hasOwn = hasLogout(asked.generation.providers.get(provider));
    const logout = hasOwn ? `/.fairlead/${provider}/${LOGOUT}` : `/.fairlead/${SESSION}`;
    const report = sessionReport({ provider, session, policy, request, limiter, logout });
    const { headers, body } = renderSession(report, prefersHtml(request.method, request.headers));
    this.#send(exchange, { status: 200, headers, body, setCookies: [] });
  }

  /** By the provider's own endpoint, which knows what else there is to end; else here alone. */
  async #logOut(asked: OwnRequest, { provider, session }: Known): Promise<Refusal | undefined> {
    if (hasLogout(asked.generation.providers.get(provider))) {
      return this.#endpoint(asked, { owner: provider, rest: LOGOUT });
    }
    asked.exchange.request.body.discard();
    const sessions = this.#parts.sessions.forProvider(provider);
    try {
      await sessions.revoke({ session: session.id });
    } catch (thrown) {
      return storeFailed(provider, thrown);
    }
    const setCookies = sessions.clear(viewOf(asked, NO_BODY));
    // Pages of the session that the browser still has, also those behind its back button, go with it.
    const headers = ['location', '/', 'clear-site-data', '"cache"'];
    this.#send(asked.exchange, { status: 303, headers, body: NO_BODY, setCookies });
    return undefined;
  }

  #send(exchange: Exchange, { status, headers, body, setCookies }: ReadAnswer): void {
    if (exchange.isAborted) return;
    const fields = ownResponseFields(headers, {
      hsts: exchange.hsts,
      nowMs: this.#parts.clock.now(),
      setCookies: setCookies.map(setCookieField),
    });
    const bodyless = status === 204 || status === 205 || status === 304;
    exchange.sink.head(status, fields, { length: body.byteLength, bodyless });
    if (body.byteLength > 0) exchange.sink.data(body);
    exchange.sink.end();
  }
}

function providerOf({ exchange, generation }: OwnRequest, own: OwnPath): Provider | undefined {
  const { policy, request } = exchange;
  if (!providersOfHost(policy.routes, request.host).has(own.owner)) return undefined;
  return generation.providers.get(own.owner);
}

function endpointOf(provider: Provider, asked: OwnRequest, own: OwnPath): Endpoint | Refusal {
  const { request } = asked.exchange;
  const endpoints = provider.endpoints();
  if ('kind' in endpoints) return providerFailed(provider.name, endpoints.reason);
  const here = endpoints.filter(({ path }) => path === own.rest);
  if (here.length === 0) return nothing(`${provider.name} has no endpoint ${own.rest}`);
  const endpoint = here.find(({ method }) => method === request.method);
  if (endpoint === undefined) return notAllowed(here.map(({ method }) => method));
  if (endpoint.csrf === 'none' || isSameOrigin(request, asked.generation.publicPort)) {
    return endpoint;
  }
  return crossSite();
}

function viewOf({ exchange, generation, match }: OwnRequest, body: Uint8Array) {
  const { id: exchangeId, request } = exchange;
  const { publicPort } = generation;
  return new LazyEndpointRequest({ exchangeId, request, rule: match.rule, publicPort }, body);
}

function hasLogout(provider: Provider | undefined): boolean {
  const endpoints = provider?.endpoints() ?? [];
  if ('kind' in endpoints) return false;
  return endpoints.some(({ method, path }) => method === 'POST' && path === LOGOUT);
}

function notLoggedIn({ exchange, generation }: OwnRequest): Refusal {
  const { policy, request } = exchange;
  const providers = [...providersOfHost(policy.routes, request.host)];
  const known = providers.flatMap((name) => generation.providers.get(name) ?? []);
  const { publicPort } = generation;
  const login = loginUrl(known, { request, publicPort, requires: {} });
  return refuse('authentication_required', {
    reason: { code: 'session.none' },
    headers: ['www-authenticate', 'Fairlead realm="session"'],
    ...(login !== undefined && { members: { login } }),
  });
}

function storeFailed(provider: string, thrown: unknown): Refusal {
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return providerFailed(provider, { code: 'session.store', detail });
}

function nothing(detail: string): Refusal {
  return refuse('no_route', { reason: { code: 'endpoint.none', detail } });
}

/** RFC 9110 15.5.6: a 405 says which methods there are. */
function notAllowed(methods: readonly string[]): Refusal {
  return refuse('method_not_allowed', { headers: ['allow', methods.join(', ')] });
}
