import type { Authenticator, AuthResult, Call, Challenge, Endpoint } from 'fairlead/plugin';
import type { Context, Identity, Reason, RequestView, Session } from 'fairlead/plugin';
import { pathTo, stepUpField, timeLeft, within } from 'fairlead/plugin/kit';
import { createEndpoints } from './endpoints.ts';
import { LoginBeginner } from './login/login.ts';
import type { Options } from './options.ts';
import type { OidcParts } from './parts.ts';
import { isProblem, problem } from './pages/problems.ts';
import type { Problem } from './pages/problems.ts';
import { IdentityProvider } from './provider/provider.ts';
import { Refresher, isDue } from './session/refresher.ts';
import { wayBack } from './login/return-to.ts';
import { fromJson } from './session/session-data.ts';
import type { SessionData } from './session/session-data.ts';
import { meetsRequirements, strengthOf } from './login/step-up.ts';
import type { Strength } from './login/step-up.ts';

const PASS: AuthResult = { kind: 'pass' };
const WEAK: Reason = { code: 'oidc.step_up' };

/** Logs people in at an OpenID provider (OIDC Core 1.0, RFC 9700) and keeps them logged in. */
export class OidcAuthenticator implements Authenticator<Options> {
  readonly endpoints: readonly Endpoint[];
  readonly #parts: OidcParts;
  readonly #beginner: LoginBeginner;
  readonly #refresher: Refresher;

  constructor(options: Options, context: Context) {
    this.#parts = { options, context, provider: new IdentityProvider(options, context) };
    this.#beginner = new LoginBeginner(this.#parts);
    this.#refresher = new Refresher(this.#parts);
    this.endpoints = createEndpoints({ ...this.#parts, beginner: this.#beginner });
  }

  /** The first look for the provider. Resolves also when it failed: logins then wait for a later one. */
  async open(): Promise<void> {
    await this.#parts.provider.known();
  }

  /** At once, when the session is at hand and its tokens need nothing. */
  authenticate(request: RequestView, call: Call): AuthResult | Promise<AuthResult> {
    const session = this.#parts.context.sessions.current(request);
    if (session instanceof Promise) return session.then((late) => this.#judge(late, request, call));
    return this.#judge(session, request, call);
  }

  async challenge(request: RequestView, _why: Reason, call: Call): Promise<Challenge> {
    // What the route wants is asked for at once, so that nobody logs in twice.
    return this.#challenge(request, { wanted: strengthOf(request.route.requires) }, call);
  }

  /** Looks for a provider that was not found again, so that a gateway without logins recovers as well. */
  health(): Promise<{ ok: boolean; detail?: string }> {
    void this.#parts.provider.known();
    const detail = this.#parts.provider.problem;
    return Promise.resolve(detail === undefined ? { ok: true } : { ok: false, detail });
  }

  #judge(
    session: Session | undefined,
    request: RequestView,
    call: Call,
  ): AuthResult | Promise<AuthResult> {
    // A session of the issuer that the policy named before is not one of this issuer.
    if (session === undefined || session.identity.issuer !== this.#parts.options.issuer)
      return PASS;
    const now = this.#parts.context.clock.now();
    const wanted = strengthOf(request.route.requires);
    if (!meetsRequirements(session.identity, wanted, now)) {
      return this.#stepUp(request, wanted, call);
    }
    if (isDue(fromJson(session.data), now)) return this.#refresh(request, session, call);
    return this.#admitted(session.identity, fromJson(session.data));
  }

  async #refresh(request: RequestView, session: Session, call: Call): Promise<AuthResult> {
    const refreshed = await this.#refresher.refreshed(request, session, call);
    if (refreshed === undefined) return PASS;
    const { identity, data, setCookies } = refreshed;
    const result = this.#admitted(identity, data);
    return setCookies.length === 0 ? result : { ...result, setCookies };
  }

  /** A session may be of a time when the policy did not want the token forwarded, or did and does not any more. */
  #admitted(identity: Identity, { accessToken }: SessionData): AuthIdentity {
    const isForwarded = this.#parts.options.forward === 'access-token' && accessToken !== undefined;
    if (!isForwarded) return { kind: 'identity', identity };
    return { kind: 'identity', identity, authorization: `Bearer ${accessToken}` };
  }

  /** The person is known, and has to log in better: RFC 9470 for clients, a redirect for people. */
  async #stepUp(request: RequestView, wanted: Strength, call: Call): Promise<AuthResult> {
    const challenge = await this.#challenge(request, { wanted, isStepUp: true }, call);
    const wwwAuthenticate = [stepUpField(this.#parts.context.name, wanted)];
    return {
      kind: 'challenge',
      challenge: { ...challenge, wwwAuthenticate },
      reason: WEAK,
      isStepUp: true,
    };
  }

  /** Only page loads get a login of their own; others learn from the core where one begins. */
  async #challenge(
    request: RequestView,
    { wanted, isStepUp = false }: { readonly wanted: Strength; readonly isStepUp?: boolean },
    call: Call,
  ): Promise<Challenge> {
    if (request.class !== 'navigation') return {};
    const { origin, href } = request.url;
    const wish = {
      origin,
      ...wayBack(href.slice(origin.length), origin),
      hasSession: isStepUp,
      ...wanted,
    };
    const leftMs = timeLeft(call, this.#parts.context.clock);
    const begun = await within(leftMs, this.#beginner.begin(request, wish));
    if (begun === undefined) {
      return this.#impossible(problem('provider_down', 'no answer in time'), request);
    }
    return isProblem(begun) ? this.#impossible(begun, request) : { redirect: begun };
  }

  /** Down is a 503 of the route itself, so that a reload works again; the rest needs a page with words. */
  #impossible({ code, detail = '' }: Problem, { id }: RequestView): Challenge {
    this.#parts.context.log.warn(`login not started: oidc.${code}`, { request: id, detail });
    this.#parts.context.metrics.count('oidc.login_problems', 1, { code });
    if (code === 'provider_down') return { unavailable: { code: 'oidc.provider_down', detail } };
    return {
      redirect: {
        location: `${pathTo(this.#parts.context.name, 'problem')}?reason=${code}&request=${id}`,
      },
    };
  }
}

type AuthIdentity = Extract<AuthResult, { readonly kind: 'identity' }>;
