import { parseJson } from 'fairlead/plugin';
import type { Context, Identity, Json } from 'fairlead/plugin';
import { within, shown } from 'fairlead/plugin/kit';
import * as openid from 'openid-client';
import type { Attempt } from './attempt.ts';
import { failureOf } from '../provider/failures.ts';
import { addedByUserinfo, identityOf, readIdToken, sidOf } from '../session/id-token.ts';
import { LIMITS } from '../limits.ts';
import type { Options } from '../options.ts';
import { isProblem, problem } from '../pages/problems.ts';
import type { Problem } from '../pages/problems.ts';
import type { Known } from '../provider/provider.ts';
import { RawAnswer } from '../provider/raw-answer.ts';
import { dataFrom } from '../session/session-data.ts';
import type { SessionData } from '../session/session-data.ts';
import { ShownIdToken } from '../provider/shown-id-token.ts';
import { meetsRequirements } from './step-up.ts';

/** A login that came about. */
export interface Login {
  readonly identity: Identity;
  readonly data: SessionData;
  readonly sid?: string;
}

export interface Redemption {
  readonly attempt: Attempt;
  readonly redirectUri: string;
  /** Parameters of the callback, each once. */
  readonly parameters: ReadonlyMap<string, string>;
  /** When the browser gets an answer, whatever it is; ms. */
  readonly deadline: number;
}

/** Turns the code of a callback into an identity, or says why not (OIDC Core 3.1.3). */
export class CodeExchange {
  readonly #options: Options;
  readonly #context: Context;

  constructor(options: Options, context: Context) {
    this.#options = options;
    this.#context = context;
  }

  /** In time to answer ourselves: of a login that comes about later nobody would hold the session. */
  async redeem(redemption: Redemption, known: Known): Promise<Login | Problem> {
    const leftMs = redemption.deadline - LIMITS.answerMs - this.#context.clock.now();
    const login = await within(leftMs, this.#login(redemption, known));
    return login ?? problem('provider_down', 'no answer in time');
  }

  async #login(redemption: Redemption, known: Known): Promise<Login | Problem> {
    const tokens = await this.#tokens(redemption, known);
    if (isProblem(tokens)) return tokens;
    const read = await readIdToken(tokens.id_token!, known.keys, this.#options, this.#context);
    if (isProblem(read)) return read;
    const { claims } = read;
    const info = await this.#userinfo(tokens.access_token, claims.sub!, known);
    if (isProblem(info)) return info;
    const extra = addedByUserinfo(info, claims);
    const nowMs = this.#context.clock.now();
    const identity = identityOf({ ...extra, ...claims }, this.#options.issuer, nowMs);
    const sid = sidOf(claims);
    return (
      weakness(identity, redemption.attempt, nowMs) ?? {
        identity,
        data: { ...dataFrom(tokens, this.#options, nowMs), ...namesOf(extra) },
        ...(sid !== undefined && { sid }),
      }
    );
  }

  async #tokens(
    { attempt, redirectUri, parameters }: Redemption,
    known: Known,
  ): Promise<openid.TokenEndpointResponse | Problem> {
    const { nonce, verifier, maxAgeSeconds } = attempt;
    const url = new URL(redirectUri);
    for (const [name, value] of parameters) url.searchParams.set(name, value);
    const idToken = new ShownIdToken(this.#options.client.id);
    const configuration = known.configurationWith((fetch) => idToken.around(fetch));
    try {
      const tokens: openid.TokenEndpointResponse = await openid.authorizationCodeGrant(
        configuration,
        url,
        {
          expectedState: parameters.get('state')!,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
          ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds }),
        },
      );
      return { ...tokens, id_token: idToken.original(tokens.id_token!) };
    } catch (thrown) {
      return failureOf(thrown);
    }
  }

  /** OIDC Core 5.3.2: the same sub, or it is about somebody else. A signed answer is not asked for. */
  async #userinfo(
    accessToken: string,
    subject: string,
    known: Known,
  ): Promise<Record<string, Json> | Problem> {
    if (!this.#options.userinfo) return {};
    try {
      const answer = new RawAnswer();
      const configuration = known.configurationWith((fetch) => answer.around(fetch));
      await openid.fetchUserInfo(configuration, accessToken, subject);
      // The library's reader loses digits of large numbers.
      return parseJson(await answer.text()) as Record<string, Json>;
    } catch (thrown) {
      const { code, detail } = failureOf(thrown);
      return problem(code, `userinfo: ${detail}`);
    }
  }
}

function namesOf(extra: Readonly<Record<string, Json>>): Pick<SessionData, 'userinfoClaims'> {
  const userinfoClaims = Object.keys(extra);
  return userinfoClaims.length === 0 ? {} : { userinfoClaims };
}

/** A step-up that the provider did not do: better said here than found out by going round. */
function weakness(identity: Identity, wanted: Attempt, nowMs: number): Problem | undefined {
  if (meetsRequirements(identity, wanted, nowMs)) return undefined;
  const { assurance, authenticatedAt } = identity;
  const { acr = 'any', maxAgeSeconds } = wanted;
  const ageSeconds = Math.ceil((nowMs - authenticatedAt) / 1000);
  const age = maxAgeSeconds === undefined ? '' : `, ${ageSeconds} s old, wanted ${maxAgeSeconds}`;
  return problem('assurance', `acr is ${shown(assurance)}, wanted ${shown(acr)}${age}`);
}
