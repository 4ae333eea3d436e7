import { pathTo } from 'fairlead/plugin/kit';
import type { EndpointAnswer, EndpointRequest, Session } from 'fairlead/plugin';
import { markup, pageResponse, seeOther } from 'fairlead/plugin/kit';
import * as openid from 'openid-client';
import { markCookie, readMark } from '../login/browser-mark.ts';
import { isOfAnother, logoutCookie, newLogoutState } from './logout-state.ts';
import type { OidcParts } from '../parts.ts';
import { isFault, readParameters } from '../login/parameters.ts';
import { problemPage } from '../pages/problem-page.ts';
import type { Known } from '../provider/provider.ts';
import { summaryOf } from '../provider/provider.ts';
import { fromJson } from '../session/session-data.ts';
import type { SessionData } from '../session/session-data.ts';

/** What tells the provider which logout it is, and of whom. */
interface Hints {
  readonly state: string | undefined;
  readonly idToken: string | undefined;
}

/** The person's own logout (OIDC RP-Initiated Logout 1.0). */
export class Logout {
  readonly #parts: OidcParts;

  constructor(parts: OidcParts) {
    this.#parts = parts;
  }

  /** Asks whether it is meant: a link or an image must not log anybody out. */
  async ask(request: EndpointRequest): Promise<EndpointAnswer> {
    const known = await this.#parts.provider.known();
    const ends = [known?.metadata.end_session_endpoint, this.#parts.options.issuer];
    const origins = ends.flatMap((end) => URL.parse(end ?? '')?.origin ?? []);
    return pageResponse(request, {
      status: 200,
      title: 'Sign out?',
      content: markup`<form method="post" action="${this.#path('logout')}">
<p>You will be signed out here and at the sign-in provider.</p>
<p class="acts"><button class="button" type="submit">Sign out</button></p>
</form>`,
      // Chromium applies form-action to the redirects that follow, too, and a provider may send the
      // browser on to another one behind it.
      formAction: ["'self'", 'https:', ...new Set(origins)].join(' '),
    });
  }

  /**
   * Ends the session here, whatever the provider says, and sends the browser to end the one there.
   * Without a session it only does the latter half, so it can be repeated.
   */
  async end(request: EndpointRequest): Promise<EndpointAnswer> {
    const { sessions, name } = this.#parts.context;
    const session = await sessions.current(request);
    if (session !== undefined) await sessions.revoke({ session: session.id });
    const known = await this.#parts.provider.known();
    const data = this.#dataOf(session);
    if (known !== undefined) this.#drop(known, data);
    // The page of an application is its own, and nobody there would look at the state.
    const state = this.#parts.options.postLogout === undefined ? newLogoutState() : undefined;
    const location = this.#destination(request, known, { state, idToken: data?.idToken });
    return {
      response: forgetting(seeOther(location)),
      setCookies: [
        ...sessions.clear(request),
        ...this.#freshMark(request),
        ...(state === undefined ? [] : [logoutCookie(name, state)]),
      ],
    };
  }

  /** Where the provider sends the browser back, with the state of this very logout (3). */
  done(request: EndpointRequest): EndpointAnswer {
    const { name, log } = this.#parts.context;
    const parameters = readParameters(request.url.search, { known: ['state'] });
    const state = isFault(parameters) ? '' : parameters.get('state');
    if (state !== undefined && isOfAnother(request, name, state)) {
      log.warn('a logout came back with the state of another logout', { request: request.id });
      return problemPage(request, { code: 'logout_state', retryAt: '/' });
    }
    return pageResponse(request, {
      status: 200,
      title: 'You are signed out',
      content: markup`<p class="acts"><a class="button" href="/">Back to the application</a></p>`,
    });
  }

  /** What a session keeps of an issuer that the policy named before is for that one's eyes alone. */
  #dataOf(session: Session | undefined): SessionData | undefined {
    if (session === undefined || session.identity.issuer !== this.#parts.options.issuer)
      return undefined;
    return fromJson(session.data);
  }

  #destination({ url }: EndpointRequest, known: Known | undefined, hints: Hints): string {
    const here = this.#parts.options.postLogout ?? this.#path('logged-out');
    if (known?.metadata.end_session_endpoint === undefined) return here;
    const { state, idToken } = hints;
    try {
      return openid.buildEndSessionUrl(known.configuration, {
        post_logout_redirect_uri: `${url.origin}${here}`,
        ...(state !== undefined && { state }),
        ...(idToken !== undefined && { id_token_hint: idToken }),
      }).href;
    } catch (thrown) {
      // Metadata with an address that is none, or not https: the session here has ended all the same.
      const detail = summaryOf(thrown);
      this.#parts.context.log.warn('the provider’s logout address cannot be used', { detail });
      return here;
    }
  }

  /** A refresh token ends with its session (A8), as far as the provider lets us; nobody waits for it. */
  #drop({ configuration, metadata }: Known, data: SessionData | undefined): void {
    const token = data?.refreshToken;
    if (token === undefined || metadata.revocation_endpoint === undefined) return;
    const hint = { token_type_hint: 'refresh_token' };
    openid.tokenRevocation(configuration, token, hint).catch((thrown: unknown) => {
      this.#parts.context.log.warn('a refresh token could not be revoked', {
        detail: summaryOf(thrown),
      });
    });
  }

  /** Logins before a logout were no loop. */
  #freshMark(request: EndpointRequest) {
    const mark = readMark(request, this.#parts.context.name);
    if (mark === undefined) return [];
    const isPosted = this.#parts.options.responseMode === 'form_post';
    return [markCookie({ id: mark.id, completions: [] }, this.#parts.context.name, isPosted)];
  }

  #path(end: string): string {
    return pathTo(this.#parts.context.name, end);
  }
}

/** Pages of the session that the browser still has, also those behind its back button, go with it. */
function forgetting(response: Response): Response {
  response.headers.set('clear-site-data', '"cache"');
  return response;
}
