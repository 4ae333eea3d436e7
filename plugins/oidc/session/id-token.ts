import type { Context, Identity, Json } from 'fairlead/plugin';
import { DocumentError, authenticatedAt, isName, secondsOf, shown } from 'fairlead/plugin/kit';
import { errors } from 'jose';
import type { JWTPayload } from 'jose';
import type { Options } from '../options.ts';
import { problem } from '../pages/problems.ts';
import type { Problem } from '../pages/problems.ts';
import type { ProviderKeys } from '../provider/provider-keys.ts';

/** Claims about the token, not about the person. */
const TOKEN_CLAIMS = new Set(['nonce', 'at_hash', 'c_hash', 's_hash']);
/** Claims about the login. A refresh is none, so an ID token that leaves them out takes nothing back. */
const LOGIN_CLAIMS = new Set(['acr', 'amr', 'auth_time', 'sid']);
/** RFC 7519 4.1 and OIDC Core 2: what a token says of itself. */
const REGISTERED_CLAIMS = new Set(['iss', 'sub', 'aud', 'azp', 'exp', 'nbf', 'iat', 'jti']);

/**
 * The claims of an ID token, or what openid-client leaves to us of one whose iss, aud, sub, nonce, exp and iat it
 * has checked: the signature, by an allowed algorithm and a published key; that it is for us, also among
 * several audiences; times that are numbers; an iat that is not in the future.
 */
export async function readIdToken(
  token: string,
  keys: ProviderKeys,
  options: Options,
  context: Context,
): Promise<{ readonly claims: JWTPayload } | Problem> {
  let claims: JWTPayload;
  try {
    ({ payload: claims } = await keys.verify(token, options.skew));
  } catch (thrown) {
    return signatureProblem(thrown);
  }
  for (const name of ['exp', 'iat', 'nbf', 'auth_time'] as const) {
    const value = claims[name];
    if (value !== undefined && secondsOf(value) === undefined) {
      return problem('token_invalid', `${name} is no number of seconds`);
    }
  }
  const party = partyFault(claims, options);
  if (party !== undefined) return party;
  const aheadMs = (secondsOf(claims.iat) ?? 0) * 1000 - context.clock.now();
  if (aheadMs > options.skew) {
    return problem('clock_skew', `the ID token is of ${Math.ceil(aheadMs / 1000)} s from now`);
  }
  return isName(claims.sub) ? { claims } : problem('token_invalid', 'sub is not a usable text');
}

/** OIDC Core 3.1.3.7 with errata set 2: we are among the audiences; `azp` is judged where it is. */
function partyFault({ aud, azp }: JWTPayload, { client }: Options): Problem | undefined {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(client.id)) return problem('token_invalid', 'aud is another client');
  if (azp === undefined || azp === client.id) return undefined;
  return problem('token_invalid', `azp is ${shown(azp)}`);
}

function signatureProblem(thrown: unknown): Problem {
  if (thrown instanceof errors.JWTExpired) return problem('clock_skew', 'the ID token is over');
  if (thrown instanceof errors.JOSEError) {
    return problem('token_invalid', `signature: ${thrown.code}`);
  }
  const detail = thrown instanceof DocumentError ? thrown.message : 'they cannot be fetched';
  return problem('provider_down', `keys: ${detail}`);
}

/** The identity that verified claims make. */
export function identityOf(claims: JWTPayload, issuer: string, nowMs: number): Identity {
  const { sub, acr, auth_time: authTime } = claims;
  return {
    subject: sub!,
    issuer,
    claims: personal(claims),
    method: 'oidc',
    authenticatedAt: authenticatedAt(authTime, nowMs),
    ...(isName(acr) && { assurance: acr }),
  };
}

/** `sid` as far as it can be a name for a session (OIDC Back-Channel Logout 2.1). */
export function sidOf(claims: JWTPayload): string | undefined {
  return isName(claims['sid']) ? claims['sid'] : undefined;
}

/**
 * What userinfo adds to the claims of an ID token: only what is about the person and not said there. Nobody
 * signed the answer, so of the login and of the token itself it is not heard.
 */
export function addedByUserinfo(
  info: Readonly<Record<string, Json>>,
  claims: JWTPayload,
): Record<string, Json> {
  const isAdded = (name: string): boolean =>
    !Object.hasOwn(claims, name) &&
    ![TOKEN_CLAIMS, LOGIN_CLAIMS, REGISTERED_CLAIMS].some((names) => names.has(name));
  return Object.fromEntries(Object.entries(info).filter(([name]) => isAdded(name)));
}

/**
 * The claims after a refresh that brought an ID token. What it does not say any more is gone, but for
 * claims about the login and those of userinfo, which is asked at logins only.
 */
export function renewedClaims(
  before: Identity['claims'],
  claims: JWTPayload,
  userinfoClaims: readonly string[] = [],
): JWTPayload {
  const kept = new Set([...LOGIN_CLAIMS, ...userinfoClaims]);
  const old = Object.entries(before).filter(([name]) => kept.has(name));
  return { ...Object.fromEntries(old), ...claims };
}

function personal(claims: JWTPayload): Identity['claims'] {
  const kept = Object.entries(claims).filter(([name]) => !TOKEN_CLAIMS.has(name));
  return Object.fromEntries(kept) as Record<string, Json>;
}
