import { pathTo } from 'fairlead/plugin/kit';
import type { Cookie, RequestView } from 'fairlead/plugin';
import * as openid from 'openid-client';
import { Seal, newAttempt } from './attempt.ts';
import type { Attempt, AttemptWish } from './attempt.ts';
import { isLooping, markCookie, newMark, readMark } from './browser-mark.ts';
import { failureOf } from '../provider/failures.ts';
import type { OidcParts } from '../parts.ts';
import { isProblem, problem } from '../pages/problems.ts';
import type { Problem } from '../pages/problems.ts';
import type { Known } from '../provider/provider.ts';

/** Where to send the browser, and the cookie that binds the login to it. */
export interface LoginStart {
  readonly location: string;
  readonly setCookies: readonly Cookie[];
}

export interface LoginWish extends AttemptWish {
  readonly loginHint?: string;
  /** True when the browser brought a session: it does keep them, so nothing goes round. */
  readonly hasSession?: boolean;
}

/** Begins logins: authorization code with PKCE, state and nonce, pushed where that is possible. */
export class LoginBeginner {
  readonly seal: Seal;
  readonly #parts: OidcParts;

  constructor(parts: OidcParts) {
    this.seal = new Seal(parts.context);
    this.#parts = parts;
  }

  /** Rejects when the store is down. */
  async begin(request: RequestView, wish: LoginWish): Promise<LoginStart | Problem> {
    const { name, clock } = this.#parts.context;
    if (!this.#isLoginHost(wish.origin)) return problem('login_host', wish.origin);
    const mark = readMark(request, name) ?? newMark();
    if (wish.hasSession !== true && isLooping(mark, clock.now())) {
      return problem('loop', 'two logins within a minute');
    }
    const known = await this.#parts.provider.known();
    if (known === undefined) return problem('provider_down', this.#parts.provider.problem);
    const { loginHint, hasSession: _hasSession, ...rest } = wish;
    const attempt = newAttempt(rest, mark.id, clock.now());
    const parameters = await this.#parameters(attempt, loginHint);
    const location = await this.#address(known, parameters);
    if (isProblem(location)) return location;
    const isPosted = this.#parts.options.responseMode === 'form_post';
    return { location: location.href, setCookies: [markCookie(mark, name, isPosted)] };
  }

  /** One per issuer and host (A3). */
  redirectUri(origin: string): string {
    return `${origin}${pathTo(this.#parts.context.name, 'callback')}`;
  }

  /** At others the provider would refuse the redirect URI, on a page of its own. */
  #isLoginHost(origin: string): boolean {
    const { loginHosts } = this.#parts.options;
    return loginHosts === undefined || loginHosts.includes(new URL(origin).hostname);
  }

  async #parameters(attempt: Attempt, loginHint: string | undefined) {
    const { scopes, prompt, responseMode } = this.#parts.options;
    const { origin, verifier, nonce, acr, maxAgeSeconds } = attempt;
    return {
      redirect_uri: this.redirectUri(origin),
      scope: scopes.join(' '),
      state: await this.seal.close('state', attempt),
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(responseMode === 'form_post' && { response_mode: 'form_post' }),
      ...(prompt !== undefined && { prompt }),
      ...(acr !== undefined && { acr_values: acr }),
      ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
      ...(loginHint !== undefined && { login_hint: loginHint }),
    };
  }

  async #address(known: Known, parameters: Record<string, string>): Promise<URL | Problem> {
    const { configuration, metadata } = known;
    const { par } = this.#parts.options;
    const isPushable = metadata.pushed_authorization_request_endpoint !== undefined;
    if (par === 'required' && !isPushable) {
      return problem('client_rejected', 'par is required, and the provider has no endpoint for it');
    }
    try {
      if (par !== 'off' && isPushable) {
        return await openid.buildAuthorizationUrlWithPAR(configuration, parameters);
      }
      return openid.buildAuthorizationUrl(configuration, parameters);
    } catch (thrown) {
      return failureOf(thrown);
    }
  }
}
