import type { Identity } from 'fairlead/plugin';
import type { Compact } from './compact.ts';
import { denial, shown } from './denial.ts';
import type { Denial } from './denial.ts';
import type { Options } from './options.ts';
import type { JsonObject } from './strict-json.ts';

/** The last second a Date can show; beyond it a NumericDate is a mistake or an attack. */
const MAX_NUMERIC_DATE = 8_640_000_000_000;
/** What a token may call itself when the policy wants no certain type (C10, C11). */
const USUAL_TYPES = ['jwt', 'at+jwt'];
/** Members of ID tokens and of logout tokens: neither is an access token (R-30, C11). */
const FOREIGN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 'events'];
const MAX_NAME = 1024;

interface Times {
  readonly exp: number;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
}

/**
 * The identity that the claims would make if their signature holds, or why they cannot. Judged before
 * the signature: it is the cheaper half, and a token that is not for us causes no fetch of keys.
 */
export function judgeClaims(compact: Compact, options: Options, nowMs: number): Identity | Denial {
  const { claims } = compact;
  const wrong = judgeType(compact, options) ?? judgeParties(claims, options);
  if (wrong !== undefined) return wrong;
  const times = readTimes(claims);
  if ('kind' in times) return times;
  return judgeTimes(times, options, nowMs) ?? identityOf(claims, times, options);
}

function judgeType(compact: Compact, options: Options): Denial | undefined {
  const { type, claims } = compact;
  const wanted = options.typ?.toLowerCase().replace(/^application\//, '');
  const fits =
    wanted === undefined ? type === undefined || USUAL_TYPES.includes(type) : type === wanted;
  if (!fits) {
    return denial(
      'jwt.type',
      `typ is ${shown(type)}, wanted ${wanted ?? USUAL_TYPES.join(' or ')}`,
    );
  }
  const foreign = FOREIGN_CLAIMS.find((name) => Object.hasOwn(claims, name));
  if (foreign !== undefined) {
    return denial(
      'jwt.type',
      `a token with ${foreign} is an ID or logout token, not an access token`,
    );
  }
  // RFC 7800 3.1, RFC 9449 7.2: bound to a key whose proof nobody checked, so not a bearer token.
  if (Object.hasOwn(claims, 'cnf')) {
    return denial('jwt.binding', 'the token is bound to a key (cnf) and came as a bearer token');
  }
  return undefined;
}

function judgeParties(claims: JsonObject, options: Options): Denial | undefined {
  const { iss, aud, sub } = claims;
  if (iss !== options.issuer) {
    return denial('jwt.issuer', `token has iss ${shown(iss)}, policy wants "${options.issuer}"`);
  }
  if (!audiencesOf(aud).some((each) => options.audience.includes(each))) {
    const wanted = options.audience.map((each) => `"${each}"`).join(' or ');
    return denial('jwt.audience', `token has aud ${shown(aud)}, policy wants ${wanted}`);
  }
  return isName(sub) ? undefined : denial('jwt.subject', 'sub is not a usable text');
}

/** RFC 7519 4.1.3: one text or a list of texts; anything else names nobody. */
function audiencesOf(aud: unknown): readonly string[] {
  if (typeof aud === 'string') return [aud];
  if (!Array.isArray(aud)) return [];
  return aud.every((each) => typeof each === 'string') ? aud : [];
}

function readTimes(claims: JsonObject): Times | Denial {
  if (!Object.hasOwn(claims, 'exp')) return denial('jwt.malformed', 'exp is missing');
  for (const name of ['exp', 'nbf', 'iat', 'auth_time']) {
    const value = claims[name];
    const isAbsent = value === undefined;
    if (!isAbsent && !isNumericDate(value)) {
      return denial('jwt.malformed', `${name} is ${shown(value)}, wanted whole seconds since 1970`);
    }
  }
  return claims as unknown as Times;
}

function isNumericDate(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_NUMERIC_DATE;
}

function judgeTimes(times: Times, options: Options, nowMs: number): Denial | undefined {
  const { exp, nbf, iat } = times;
  const { skew, maxAge } = options;
  if (nowMs >= exp * 1000 + skew) {
    return denial('jwt.expired', `expired ${seconds(nowMs - exp * 1000)} s ago`);
  }
  const start = Math.max(nbf ?? 0, iat ?? 0) * 1000;
  if (nowMs < start - skew) {
    return denial('jwt.not_yet_valid', `valid in ${seconds(start - nowMs)} s`);
  }
  if (maxAge === undefined) return undefined;
  if (iat === undefined) return denial('jwt.too_old', 'iat is missing and policy wants maxAge');
  if (nowMs < iat * 1000 + maxAge + skew) return undefined;
  return denial('jwt.too_old', `issued ${seconds(nowMs - iat * 1000)} s ago, beyond maxAge`);
}

function identityOf(claims: JsonObject, times: Times, options: Options): Identity {
  const { sub, acr, auth_time: authTime = 0 } = claims;
  return deepFreeze({
    subject: sub as string,
    issuer: options.issuer,
    claims: claims as Identity['claims'],
    method: 'jwt',
    // RFC 9470 6: `auth_time` alone, since a token can be issued long after the login; 0 is not known.
    authenticatedAt: (authTime as number) * 1000,
    expiresAt: endOf(times, options),
    ...(isName(acr) && { assurance: acr }),
  });
}

/** The moment from which `judgeTimes` would say no. */
function endOf(times: Times, options: Options): number {
  const expiry = times.exp * 1000 + options.skew;
  if (options.maxAge === undefined || times.iat === undefined) return expiry;
  return Math.min(expiry, times.iat * 1000 + options.maxAge + options.skew);
}

function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME) return false;
  return !/\p{Cc}/u.test(value);
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  }
  return Object.freeze(value);
}
