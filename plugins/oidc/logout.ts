import type { Context, EndpointAnswer, EndpointRequest, Session } from 'fairlead/plugin';
import * as openid from 'openid-client';
import { markCookie, readMark } from './browser-mark.ts';
import { markup, pageResponse, seeOther } from './html.ts';
import type { Options } from './options.ts';
import type { IdentityProvider, Known } from './provider.ts';
import { summaryOf } from './provider.ts';
import { fromJson } from './session-data.ts';
import type { SessionData } from './session-data.ts';

/** The person's own logout (OIDC RP-Initiated Logout 1.0). */
export class Logout {
  readonly #options: Options;
  readonly #context: Context;
  readonly #provider: IdentityProvider;

  constructor(options: Options, context: Context, provider: IdentityProvider) {
    this.#options = options;
    this.#context = context;
    this.#provider = provider;
  }

  /** Asks whether it is meant: a link or an image must not log anybody out. */
  async ask(request: EndpointRequest): Promise<EndpointAnswer> {
    const known = await this.#provider.known();
    const ends = [known?.metadata.end_session_endpoint, this.#options.issuer];
    const origins = ends.flatMap((end) => URL.parse(end ?? '')?.origin ?? []);
    return pageResponse({
      status: 200,
      title: 'Log out?',
      content: markup`<form method="post" action="${this.#path('logout')}">
<p>You will be logged out here and at the login provider.</p>
<button type="submit">Log out</button>
</form>
<p class="note">request ${request.id}</p>`,
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
    const { sessions } = this.#context;
    const session = await sessions.current(request);
    if (session !== undefined) await sessions.revoke({ session: session.id });
    const known = await this.#provider.known();
    const data = session === undefined ? undefined : fromJson(session.data);
    if (known !== undefined) this.#drop(known, data);
    return {
      response: forgetting(seeOther(this.#destination(request, known, session))),
      setCookies: [...sessions.clear(request), ...this.#freshMark(request)],
    };
  }

  done(request: EndpointRequest): EndpointAnswer {
    return pageResponse({
      status: 200,
      title: 'You are logged out',
      content: markup`<p><a href="/">Back to the application</a></p>
<p class="note">request ${request.id}</p>`,
    });
  }

  #destination(
    { url }: EndpointRequest,
    known: Known | undefined,
    session: Session | undefined,
  ): string {
    const here = this.#options.postLogout ?? this.#path('logged-out');
    if (known?.metadata.end_session_endpoint === undefined || session === undefined) return here;
    const { idToken } = fromJson(session.data);
    try {
      return openid.buildEndSessionUrl(known.configuration, {
        post_logout_redirect_uri: `${url.origin}${here}`,
        ...(idToken !== undefined && { id_token_hint: idToken }),
      }).href;
    } catch (thrown) {
      // Metadata with an address that is none, or not https: the session here has ended all the same.
      const detail = summaryOf(thrown);
      this.#context.log.warn('the provider’s logout address cannot be used', { detail });
      return here;
    }
  }

  /** A refresh token ends with its session (A8), as far as the provider lets us; nobody waits for it. */
  #drop({ configuration, metadata }: Known, data: SessionData | undefined): void {
    const token = data?.refreshToken;
    if (token === undefined || metadata.revocation_endpoint === undefined) return;
    const hint = { token_type_hint: 'refresh_token' };
    openid.tokenRevocation(configuration, token, hint).catch((thrown: unknown) => {
      this.#context.log.warn('a refresh token could not be revoked', { detail: summaryOf(thrown) });
    });
  }

  /** Logins before a logout were no loop. */
  #freshMark(request: EndpointRequest) {
    const mark = readMark(request, this.#context.name);
    if (mark === undefined) return [];
    const isPosted = this.#options.responseMode === 'form_post';
    return [markCookie({ id: mark.id, completions: [] }, this.#context.name, isPosted)];
  }

  #path(end: string): string {
    return `/.fairlead/${this.#context.name}/${end}`;
  }
}

/** Pages of the session that the browser still has, also those behind its back button, go with it. */
function forgetting(response: Response): Response {
  response.headers.set('clear-site-data', '"cache"');
  return response;
}
