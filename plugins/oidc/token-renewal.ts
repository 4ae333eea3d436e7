import type { Context, Identity, Session } from 'fairlead/plugin';
import * as openid from 'openid-client';
import { failureOf } from './failures.ts';
import { idTokenFault, identityOf, renewedClaims } from './id-token.ts';
import type { Options } from './options.ts';
import { problem, shown } from './problems.ts';
import type { Problem } from './problems.ts';
import type { IdentityProvider, Known } from './provider.ts';
import { dataFrom, fromJson } from './session-data.ts';
import type { SessionData } from './session-data.ts';

/** What a refresh brought, before it is kept. */
export interface Renewed {
  readonly data: SessionData;
  readonly identity: Identity;
}

/** One request with a refresh token, and the judgement of what comes back (OIDC Core 12). */
export class TokenRenewal {
  readonly #options: Options;
  readonly #context: Context;
  readonly #provider: IdentityProvider;

  constructor(options: Options, context: Context, provider: IdentityProvider) {
    this.#options = options;
    this.#context = context;
    this.#provider = provider;
  }

  /** The session must have a refresh token. Never rejects. */
  async ask(session: Session): Promise<Renewed | Problem> {
    const known = await this.#provider.known();
    if (known === undefined) return problem('provider_down', this.#provider.problem);
    try {
      this.#context.metrics.count('oidc.refreshes');
      const { refreshToken } = fromJson(session.data);
      const tokens = await openid.refreshTokenGrant(known.configuration, refreshToken!);
      return await this.#judge(tokens, session, known);
    } catch (thrown) {
      return failureOf(thrown);
    }
  }

  /** OIDC Core 12.2: a new ID token is of the same person; its nonce is not asked for. */
  async #judge(
    tokens: Awaited<ReturnType<typeof openid.refreshTokenGrant>>,
    { identity: before, data }: Session,
    known: Known,
  ): Promise<Renewed | Problem> {
    const { clock } = this.#context;
    const renewed = dataFrom(tokens, this.#options, clock.now(), fromJson(data));
    const claims = tokens.claims();
    if (claims === undefined) return { data: renewed, identity: before };
    const fault = await idTokenFault(tokens.id_token!, known.keys, this.#options, this.#context);
    if (fault !== undefined) return fault;
    if (claims.sub !== before.subject) {
      return problem('token_invalid', `sub is ${shown(claims.sub)} after a refresh`);
    }
    const merged = renewedClaims(before.claims, claims, renewed.userinfoClaims);
    const fresh = identityOf(merged, this.#options.issuer, clock.now());
    // A refresh is no login: how and when the person was authenticated stays as it was.
    return { data: renewed, identity: { ...before, claims: fresh.claims } };
  }
}
