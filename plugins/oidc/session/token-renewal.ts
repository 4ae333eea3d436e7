import type { Identity, Session } from 'fairlead/plugin';
import { shown } from 'fairlead/plugin/kit';
import * as openid from 'openid-client';
import { failureOf } from '../provider/failures.ts';
import { identityOf, readIdToken, renewedClaims } from './id-token.ts';
import type { OidcParts } from '../parts.ts';
import { isProblem } from '../pages/problems.ts';
import type { Problem } from '../pages/problems.ts';
import type { Known } from '../provider/provider.ts';
import { dataFrom, fromJson } from './session-data.ts';
import type { SessionData } from './session-data.ts';
import { ShownIdToken } from '../provider/shown-id-token.ts';
import { TokenAnswer } from '../provider/token-answer.ts';

/** What a refresh brought, before it is kept. */
export interface Renewed {
  readonly kind: 'renewed';
  readonly data: SessionData;
  readonly identity: Identity;
}

/**
 * `over`: the provider takes the refresh token no more, or speaks of somebody else. `later`: everything
 * else, which says nothing of the session; with the refresh token that came all the same, since a
 * provider that replaces them takes the old one no more.
 */
export type Outcome =
  | Renewed
  | { readonly kind: 'over'; readonly isRefused: boolean; readonly detail: string }
  | { readonly kind: 'later'; readonly detail: string; readonly refreshToken?: string };

/** One request with a refresh token, and the judgement of what comes back (OIDC Core 12). */
export class TokenRenewal {
  readonly #parts: OidcParts;

  constructor(parts: OidcParts) {
    this.#parts = parts;
  }

  /** The session must have a refresh token. Never rejects. */
  async ask(session: Session): Promise<Outcome> {
    const known = await this.#parts.provider.known();
    if (known === undefined) {
      return {
        kind: 'later',
        detail: this.#parts.provider.problem ?? 'the provider is not known yet',
      };
    }
    const answer = new TokenAnswer();
    const idToken = new ShownIdToken(this.#parts.options.client.id);
    const configuration = known.configurationWith((fetch) => idToken.around(answer.around(fetch)));
    try {
      this.#parts.context.metrics.count('oidc.refreshes');
      const { refreshToken } = fromJson(session.data);
      const tokens: openid.TokenEndpointResponse = await openid.refreshTokenGrant(
        configuration,
        refreshToken!,
      );
      const { id_token: shownToken } = tokens;
      const came = shownToken === undefined ? undefined : idToken.original(shownToken);
      return await this.#judge(
        { ...tokens, ...(came !== undefined && { id_token: came }) },
        session,
        known,
      );
    } catch (thrown) {
      return this.#failed(failureOf(thrown), answer, { session, known });
    }
  }

  async #failed(
    failure: Problem,
    answer: TokenAnswer,
    { session, known }: { readonly session: Session; readonly known: Known },
  ): Promise<Outcome> {
    const { error, idToken, refreshToken } = await answer.read();
    const { code, detail = code } = failure;
    if (error === 'invalid_grant') return { kind: 'over', isRefused: true, detail };
    const other = idToken === undefined ? undefined : await this.#otherIssuer(idToken, known);
    if (other !== undefined) return { kind: 'over', isRefused: false, detail: other };
    const isNew =
      refreshToken !== undefined && refreshToken !== fromJson(session.data).refreshToken;
    return { kind: 'later', detail, ...(isNew && { refreshToken }) };
  }

  /** A name for the person counts within one issuer, so a token of another is about somebody else. */
  async #otherIssuer(idToken: string, known: Known): Promise<string | undefined> {
    try {
      const { payload } = await known.keys.verify(idToken);
      return payload.iss === this.#parts.options.issuer
        ? undefined
        : `iss is ${shown(payload.iss)} after a refresh`;
    } catch {
      return undefined;
    }
  }

  /** OIDC Core 12.2: a new ID token is of the same person; its nonce is not asked for. */
  async #judge(
    tokens: openid.TokenEndpointResponse,
    { identity: before, data }: Session,
    known: Known,
  ): Promise<Outcome> {
    const { clock } = this.#parts.context;
    const renewed = dataFrom(tokens, this.#parts.options, clock.now(), fromJson(data));
    const { id_token: idToken } = tokens;
    if (idToken === undefined) return { kind: 'renewed', data: renewed, identity: before };
    const read = await readIdToken(idToken, known.keys, this.#parts.options, this.#parts.context);
    if (isProblem(read)) return unverified(read, renewed);
    const { claims } = read;
    if (claims.sub !== before.subject) {
      const detail = `sub is ${shown(claims.sub)} after a refresh`;
      return { kind: 'over', isRefused: false, detail };
    }
    const merged = renewedClaims(before.claims, claims, renewed.userinfoClaims);
    const fresh = identityOf(merged, this.#parts.options.issuer, clock.now());
    // A refresh is no login: how and when the person was authenticated stays as it was.
    return {
      kind: 'renewed',
      data: renewed,
      identity: { ...before, claims: fresh.claims },
    };
  }
}

/** Nobody knows whose word it is, so it ends no session either. */
function unverified({ code, detail = code }: Problem, { refreshToken }: SessionData): Outcome {
  return { kind: 'later', detail, ...(refreshToken !== undefined && { refreshToken }) };
}
