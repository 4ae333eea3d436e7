import { crossSite } from '../evaluate/auth/cross-site.ts';
import { forgetChoice } from '../evaluate/auth/login-choice.ts';
import { loginUrl } from '../browser/login-url.ts';
import { isSameOrigin } from '../browser/same-origin.ts';
import type { Clock } from '../core/clock.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Limiter } from '../evaluate/limit/limit.ts';
import type { Cookie, Endpoint, Session } from '../plugin/contract.ts';
import type { Provider } from '../plugin/host/host.ts';
import { lookOf, prefersHtml } from '../respond/respond.ts';
import { renderSessions } from './session-report.ts';
import { providersOfHost } from '../evaluate/route/match.ts';
import { pathTo, type OwnPath } from '../core/own-path.ts';
import type { SessionService } from '../session/session.ts';
import { NO_BODY, notAllowed, sendOwn, storeFailed, viewOf } from './own-request.ts';
import type { OwnRequest } from './own-request.ts';
import { sessionReport } from './session-page.ts';
import { namedReason } from '../telemetry/names/names.ts';

/** The name that people type, and plugins mount. */
const LOGOUT = 'logout';
const HERE = pathTo('session');

export interface OwnSessionsParts {
  readonly clock: Clock;
  readonly sessions: SessionService;
  readonly limiter: Limiter;
  /** Serves an endpoint of a provider, and sets these cookies beside its own. */
  readonly endpoint: (
    asked: OwnRequest,
    own: OwnPath,
    more: readonly Cookie[],
  ) => Promise<Refusal | undefined>;
}

interface FoundSession {
  readonly provider: string;
  readonly session: Session;
}

/** The own sessions, one for each provider at which the person logged in, to look at or to end. */
export class OwnSessions {
  readonly #parts: OwnSessionsParts;

  constructor(parts: OwnSessionsParts) {
    this.#parts = parts;
  }

  async serve(asked: OwnRequest): Promise<Refusal | undefined> {
    const { exchange, generation } = asked;
    const { method } = exchange.request;
    if (method !== 'GET' && method !== 'POST') return notAllowed(['GET', 'POST']);
    if (method === 'POST' && !isSameOrigin(exchange.request, generation.publicPort)) {
      return crossSite();
    }
    const known = await this.#knownSessions(asked);
    if (isRefusal(known)) return known;
    const [first] = known;
    if (first === undefined) return notLoggedIn(asked);
    exchange.notes.provider(first.provider);
    return method === 'GET' ? this.#show(asked, known) : this.#logOut(asked, known);
  }

  async #knownSessions(asked: OwnRequest): Promise<readonly FoundSession[] | Refusal> {
    const { policy, request } = asked.exchange;
    const view = viewOf(asked);
    const known: FoundSession[] = [];
    for (const provider of providersOfHost(policy.routes, request.host)) {
      try {
        const session = await this.#parts.sessions.forProvider(provider).current(view);
        if (session !== undefined) known.push({ provider, session });
      } catch (thrown) {
        return storeFailed(provider, thrown);
      }
    }
    return known;
  }

  async #show(asked: OwnRequest, known: readonly FoundSession[]): Promise<undefined> {
    const { exchange, generation } = asked;
    const { policy, request } = exchange;
    const { limiter, clock } = this.#parts;
    const asking = known.map(({ provider, session }) => {
      const hasOwn = hasLogout(generation.providers.get(provider));
      const logout = hasOwn ? pathTo(provider, LOGOUT) : HERE;
      return sessionReport({ provider, session, policy, request, limiter, logout });
    });
    const reports = await Promise.all(asking);
    const asPage = prefersHtml(request.method, request.headers);
    const look = lookOf(policy.gateway.pages);
    const { headers, body } = renderSessions(reports, { asPage, look });
    sendOwn(exchange, { status: 200, headers, body, setCookies: [] }, clock.now());
  }

  /**
   * All of them: the first by its provider's own endpoint, which knows what else there is to end and
   * where the browser goes; the others here alone.
   */
  async #logOut(asked: OwnRequest, known: readonly FoundSession[]): Promise<Refusal | undefined> {
    const { providers } = asked.generation;
    const first = known.find(({ provider }) => hasLogout(providers.get(provider)));
    const here = known.filter((each) => each !== first);
    const ended = await this.#end(here);
    if (ended !== undefined) return ended;
    const view = viewOf(asked);
    const { sessions, clock, endpoint } = this.#parts;
    const cleared = here.flatMap(({ provider }) => sessions.forProvider(provider).clear(view));
    if (first !== undefined) {
      return endpoint(asked, { owner: first.provider, rest: LOGOUT }, cleared);
    }
    asked.exchange.request.body.discard();
    const setCookies = [...cleared, ...forgetChoice(view)];
    // Pages of the session that the browser still has, also those behind its back button, go with it.
    const headers = ['location', '/', 'clear-site-data', '"cache"'];
    const answer = { status: 303, headers, body: NO_BODY, setCookies };
    sendOwn(asked.exchange, answer, clock.now());
    return undefined;
  }

  async #end(known: readonly FoundSession[]): Promise<Refusal | undefined> {
    for (const { provider, session } of known) {
      try {
        await this.#parts.sessions.forProvider(provider).revoke({ session: session.id });
      } catch (thrown) {
        return storeFailed(provider, thrown);
      }
    }
    return undefined;
  }
}

/** True for the endpoint that logs out the caller. */
export function isLogout({ method, path }: Endpoint): boolean {
  return method === 'POST' && path === LOGOUT;
}

function hasLogout(provider: Provider | undefined): boolean {
  const endpoints = provider?.endpoints() ?? [];
  return !('kind' in endpoints) && endpoints.some(isLogout);
}

function notLoggedIn({ exchange, generation }: OwnRequest): Refusal {
  const { policy, request } = exchange;
  const providers = [...providersOfHost(policy.routes, request.host)];
  const known = providers.flatMap((name) => generation.providers.get(name) ?? []);
  const { publicPort } = generation;
  const login = loginUrl(known, { request, publicPort, requires: {} });
  return refuse('authentication_required', {
    reason: namedReason('session.none'),
    headers: ['www-authenticate', 'Fairlead realm="session"'],
    ...(login !== undefined && { members: { login } }),
  });
}
