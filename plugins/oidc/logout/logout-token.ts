import type { Context } from 'fairlead/plugin';
import { isName, secondsOf } from 'fairlead/plugin/kit';
import { decodeJwt, errors } from 'jose';
import type { JWTPayload } from 'jose';
import { LIMITS } from '../limits.ts';
import type { Options } from '../options.ts';
import type { ProviderKeys } from '../provider/provider-keys.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const TYPES = ['logout+jwt', 'jwt'];

/** Whom a logout token is about. */
export interface LogoutSubject {
  readonly subject?: string;
  readonly sid?: string;
  /** Unique among the provider's logout tokens. */
  readonly tokenId: string;
}

/** What is wrong with a logout token; `isOurs` false when the keys could not be had. */
export interface LogoutFault {
  readonly fault: string;
  readonly isRetryable?: boolean;
}

/**
 * Judges a logout token by OIDC Back-Channel Logout 2.6, all of it but whether it came before. Issuer
 * and audience are read first: a token that is for others causes no fetch of keys.
 */
export async function judgeLogoutToken(
  token: string,
  keys: ProviderKeys,
  options: Options,
  context: Context,
): Promise<LogoutSubject | LogoutFault> {
  const party = partyFault(token, options);
  if (party !== undefined) return { fault: party };
  try {
    const { payload, protectedHeader } = await keys.verify(token, options.skew);
    const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
    if (type !== undefined && !TYPES.includes(type)) return { fault: 'typ is not logout+jwt' };
    return subjectOf(payload, options, context.clock.now());
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) return { fault: thrown.code };
    return { fault: 'the keys of the provider cannot be had', isRetryable: true };
  }
}

function partyFault(token: string, { issuer, client }: Options): string | undefined {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(token);
  } catch {
    return 'it is no JSON Web Token';
  }
  if (claims.iss !== issuer) return 'iss is another issuer';
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  return audience.includes(client.id) ? undefined : 'aud is another client';
}

function subjectOf(
  claims: JWTPayload,
  options: Options,
  nowMs: number,
): LogoutSubject | LogoutFault {
  const { sub, sid, jti, nonce, events } = claims as Record<string, unknown>;
  const [iat, exp] = [secondsOf(claims.iat), secondsOf(claims.exp)];
  // C11: with a nonce it is an ID token, whoever sends it.
  if (nonce !== undefined) return { fault: 'it has a nonce' };
  if (!isLogoutEvent(events)) return { fault: 'events does not say logout' };
  if (!isName(jti)) return { fault: 'jti is missing' };
  if (iat === undefined) return { fault: 'iat is missing' };
  // OIDC Back-Channel Logout 2.4: it is REQUIRED; whether it is over was checked with the signature.
  if (exp === undefined) return { fault: 'exp is missing' };
  const ageMs = nowMs - iat * 1000;
  if (ageMs > LIMITS.logoutTokenMs || ageMs < -options.skew) {
    return { fault: 'it is too old, or not of now' };
  }
  if (sub !== undefined && !isName(sub)) return { fault: 'sub is not a usable text' };
  if (sid !== undefined && !isName(sid)) return { fault: 'sid is not a usable text' };
  if (sub === undefined && sid === undefined) return { fault: 'it names neither sub nor sid' };
  return {
    tokenId: jti,
    ...(sub !== undefined && { subject: sub }),
    ...(sid !== undefined && { sid }),
  };
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || Array.isArray(events)) return false;
  const event = (events as Record<string, unknown>)[EVENT];
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}
