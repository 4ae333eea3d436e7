import { hash } from 'node:crypto';
import type { Context, EndpointRequest } from 'fairlead/plugin';
import { isName, shown, PRIVATE_HEADERS, markup, pageResponse } from 'fairlead/plugin/kit';
import { LIMITS } from '../limits.ts';
import { judgeLogoutToken } from './logout-token.ts';
import type { LogoutSubject } from './logout-token.ts';
import type { OidcParts } from '../parts.ts';
import { isFault, readForm, readParameters } from '../login/parameters.ts';

/** Logouts that the provider tells us of: back-channel by a token, front-channel by a frame. */
export class ProviderLogout {
  readonly #parts: OidcParts;

  constructor(parts: OidcParts) {
    this.#parts = parts;
  }

  /** OIDC Back-Channel Logout 2.5 to 2.8. 503 is for what may be sent again. */
  async backChannel(request: EndpointRequest): Promise<Response> {
    const token = await this.#logoutToken(request);
    if (typeof token === 'object') return this.#refuse(request, token.fault);
    const known = await this.#parts.provider.known();
    if (known === undefined) return this.#refuse(request, 'the provider is not known yet', 503);
    const judged = await judgeLogoutToken(
      token,
      known.keys,
      this.#parts.options,
      this.#parts.context,
    );
    if ('fault' in judged) {
      return this.#refuse(request, judged.fault, judged.isRetryable === true ? 503 : 400);
    }
    return this.#once(request, judged);
  }

  async #logoutToken(request: EndpointRequest): Promise<string | { readonly fault: string }> {
    const form = await readForm(request.headers, () => request.body());
    if (form === undefined) return { fault: 'the body is not a form' };
    const limit = LIMITS.logoutTokenCharacters;
    const parameters = readParameters(form, { known: ['logout_token'], limit });
    if (isFault(parameters)) return parameters;
    return parameters.get('logout_token') ?? { fault: 'the parameter logout_token is missing' };
  }

  /**
   * A token is used when what it asked for is done, and noted no sooner: what failed midway, even by the
   * end of the process, is done when the provider sends it again. Two at the same moment end the same.
   */
  async #once(request: EndpointRequest, about: LogoutSubject): Promise<Response> {
    const { store, sessions } = this.#parts.context;
    const key = `jti.${hash('sha256', about.tokenId, 'base64url')}`;
    if ((await store.get(key)) !== undefined) {
      return this.#refuse(request, 'the token was used before');
    }
    await this.#end(sessions, about);
    await store.set(key, '1', { ttlMs: LIMITS.logoutTokenMs + 2 * LIMITS.maxSkewMs });
    return new Response(null, { status: 200, headers: PRIVATE_HEADERS });
  }

  async #end(
    sessions: Context['sessions'],
    { subject, sid }: Pick<LogoutSubject, 'subject' | 'sid'>,
  ): Promise<void> {
    const ended = await sessions.revoke({
      issuer: this.#parts.options.issuer,
      ...(subject !== undefined && { subject }),
      ...(sid !== undefined && { sid }),
    });
    this.#parts.context.log.info('the login provider ended sessions', { ended });
  }

  /** Back-Channel Logout 2.8: 400 with the words of RFC 6749 5.2. */
  #refuse(request: EndpointRequest, fault: string, status = 400): Response {
    this.#parts.context.log.warn('a back-channel logout was refused', {
      request: request.id,
      detail: fault,
    });
    const error = status === 400 ? 'invalid_request' : 'temporarily_unavailable';
    const body = { error, error_description: fault, id: request.id };
    return Response.json(body, { status, headers: PRIVATE_HEADERS });
  }

  /**
   * OIDC Front-Channel Logout 2: in a frame of the provider, where no cookie of ours comes, so iss and
   * sid both have to be there.
   */
  async frontChannel(request: EndpointRequest): Promise<Response> {
    const parameters = readParameters(request.url.search, { known: ['iss', 'sid'] });
    if (isFault(parameters)) return this.#frame(request, 400, parameters.fault);
    const sid = parameters.get('sid');
    if (parameters.get('iss') !== this.#parts.options.issuer) {
      return this.#frame(request, 400, `iss is ${shown(parameters.get('iss'))}`);
    }
    if (!isName(sid)) return this.#frame(request, 400, 'the parameter sid is missing');
    await this.#end(this.#parts.context.sessions, { sid });
    return this.#frame(request, 200, 'ended');
  }

  #frame(request: EndpointRequest, status: 200 | 400, detail: string): Response {
    if (status === 400) {
      const fields = { request: request.id, detail };
      this.#parts.context.log.warn('a front-channel logout was refused', fields);
    }
    return pageResponse(request, {
      status,
      title: status === 200 ? 'You are signed out' : 'This sign-out is not complete',
      content: markup``,
      isHeld: status === 400,
      ...(status === 400 && { reference: { requestId: request.id } }),
      frameAncestors: new URL(this.#parts.options.issuer).origin,
    });
  }
}
