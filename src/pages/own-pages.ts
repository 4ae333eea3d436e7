import { providerFailed } from '../evaluate/auth/auth-refusal.ts';
import { hasCookieRoom } from '../browser/cookie-room.ts';
import { crossSite } from '../evaluate/auth/cross-site.ts';
import { forgetChoice } from '../evaluate/auth/login-choice.ts';
import { isSameOrigin } from '../browser/same-origin.ts';
import type { Clock } from '../core/clock.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Limiter } from '../evaluate/limit/limit.ts';
import type { Cookie, Endpoint } from '../plugin/contract.ts';
import type { Provider } from '../plugin/host/host.ts';
import { providersOfHost } from '../evaluate/route/match.ts';
import type { OwnPath } from '../core/own-path.ts';
import type { SessionService } from '../session/session.ts';
import { serveErrorPage } from './error-page.ts';
import { notAllowed, sendOwn, viewOf } from './own-request.ts';
import type { OwnRequest } from './own-request.ts';
import { servePageAsset } from './page-asset.ts';
import { pageAsset } from '../respond/respond.ts';
import { readBody } from './read-body.ts';
import { isLogout, OwnSessions } from './own-sessions.ts';
import { codeText, namedReason } from '../telemetry/names/names.ts';

/** A form with a few fields; an endpoint that wants more says so. */
const DEFAULT_BODY_BYTES = 64 * 1024;
const SESSION = 'session';
const ERRORS = 'errors';
const ASSETS = 'assets';

export interface OwnPagesParts {
  readonly clock: Clock;
  readonly sessions: SessionService;
  readonly limiter: Limiter;
}

/**
 * Everything below `/.fairlead`: endpoints of the providers that the host's routes use, and the page of
 * the own sessions. Never a service's; what is not ours is 404.
 */
export class OwnPages {
  readonly #parts: OwnPagesParts;
  readonly #ownSessions: OwnSessions;

  constructor(parts: OwnPagesParts) {
    this.#parts = parts;
    this.#ownSessions = new OwnSessions({
      ...parts,
      endpoint: (asked, own, more) => this.#endpoint(asked, own, more),
    });
  }

  /** Undefined: answered. Rejects when the request's body does not complete, or the store is away. */
  async serve(asked: OwnRequest): Promise<Refusal | undefined> {
    const { own } = asked.match;
    if (own.owner === SESSION && own.rest === '') return this.#ownSessions.serve(asked);
    if (own.owner === ASSETS) {
      const asset = pageAsset(asked.exchange.policy.gateway.pages, own.rest);
      if (asset !== undefined) return servePageAsset(asked, asset, this.#parts.clock.now());
    }
    const text = own.owner === ERRORS ? codeText(own.rest) : undefined;
    if (text !== undefined) {
      const nowMs = this.#parts.clock.now();
      return serveErrorPage(asked, { code: own.rest, text, nowMs });
    }
    return this.#endpoint(asked, own);
  }

  async #endpoint(
    asked: OwnRequest,
    own: OwnPath,
    more: readonly Cookie[] = [],
  ): Promise<Refusal | undefined> {
    const { exchange } = asked;
    const provider = providerOf(asked, own);
    if (provider === undefined) return nothing(`${own.owner} is no provider of this host`);
    exchange.notes.provider(own.owner);
    const endpoint = endpointOf(provider, asked, own);
    if (isRefusal(endpoint)) return endpoint;
    const body = await readBody(exchange.request.body, endpoint.maxBodyBytes ?? DEFAULT_BODY_BYTES);
    if (isRefusal(body)) return body;
    const view = viewOf(asked, body);
    const answer = await provider.serve(endpoint, view, () => exchange.signal);
    if ('kind' in answer) return providerFailed(own.owner, answer.reason);
    const forgotten = isLogout(endpoint) && answer.status < 400 ? forgetChoice(view) : [];
    const setCookies = [...answer.setCookies, ...forgotten, ...more];
    if (!hasCookieRoom(view, setCookies, 'login')) return refuse('sessions_too_large');
    const { status, reason } = answer;
    if (reason !== undefined) {
      exchange.notes.pageReason(reason);
      asked.onPageRefused(status, reason);
    }
    sendOwn(exchange, { ...answer, setCookies }, this.#parts.clock.now());
    return undefined;
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

function nothing(detail: string): Refusal {
  return refuse('no_route', { reason: namedReason('endpoint.none', detail) });
}
