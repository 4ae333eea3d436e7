import { deepFreeze } from 'fairlead/plugin/kit';
import type { Identity } from 'fairlead/plugin';
import { authenticatedAt, isName, shown } from 'fairlead/plugin/kit';
import type { JsonObject } from 'fairlead/plugin/kit';
import type { Compact } from './compact.ts';
import { denial } from './denial.ts';
import type { Denial } from './denial.ts';
import type { Options } from '../options.ts';
import { endOf, judgeTimes, readTimes } from './times.ts';
import type { Times } from './times.ts';

/** What a token may call itself when the policy wants no certain type (C10, C11). */
const USUAL_TYPES = ['jwt', 'at+jwt'];
/** Members of ID tokens and of logout tokens: neither is an access token (R-30, C11). */
const FOREIGN_CLAIMS = ['at_hash', 'c_hash', 'events'];

interface Judged {
  readonly times: Times;
  readonly options: Options;
  readonly nowMs: number;
}

/**
 * The identity that the claims would make if their signature holds, or why they cannot. Judged before
 * the signature: it is the cheaper half, and a token that is not for us causes no fetch of keys.
 */
export function judgeClaims(compact: Compact, options: Options, nowMs: number): Identity | Denial {
  const { claims } = compact;
  const wrong = judgeType(compact, options) ?? judgeParties(claims, options);
  if (wrong !== undefined) return wrong;
  const subject = subjectOf(claims, options);
  if (typeof subject !== 'string') return subject;
  const times = readTimes(claims);
  if ('kind' in times) return times;
  const denied = judgeTimes(times, options, nowMs);
  return denied ?? identityOf(subject, claims, { times, options, nowMs });
}

/** The issuer that a token names, when it names another one than the policy's: its own provider may know it. */
export function otherIssuer({ claims }: Compact, { issuer }: Options): string | undefined {
  const { iss } = claims;
  return typeof iss === 'string' && iss !== issuer ? iss : undefined;
}

export function issuerDenial(iss: unknown, { issuer }: Options): Denial {
  return denial('jwt.issuer', `token has iss ${shown(iss)}, policy wants "${issuer}"`);
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
  if (Object.hasOwn(claims, 'nonce') && !isAccessToken(compact)) {
    const detail = 'a token with nonce that is not typed at+jwt may be an ID token';
    return denial('jwt.type', detail);
  }
  // RFC 7800 3.1, RFC 9449 7.2: bound to a key whose proof nobody checked, so not a bearer token.
  if (Object.hasOwn(claims, 'cnf')) {
    return denial('jwt.binding', 'the token is bound to a key (cnf) and came as a bearer token');
  }
  return undefined;
}

/** RFC 9068 2.1, or the claim by which Keycloak tells its access tokens from its ID tokens (`typ: ID`). */
function isAccessToken({ type, claims }: Compact): boolean {
  return type === 'at+jwt' || claims['typ'] === 'Bearer';
}

/** Whose it is and for whom. `azp` is the client that asked for the token: nobody whom the policy names. */
function judgeParties(claims: JsonObject, options: Options): Denial | undefined {
  const { iss } = claims;
  if (iss !== options.issuer) return issuerDenial(iss, options);
  const { claim, is } = options.audience;
  const audience = own(claims, claim);
  if (audiencesOf(audience).some((each) => is.includes(each))) return undefined;
  const wanted = is.map((each) => `"${each}"`).join(' or ');
  return denial('jwt.audience', `token has ${claim} ${shown(audience)}, policy wants ${wanted}`);
}

/** The first of the policy's claims that the token has. A text of one claim may be alike to another's: the policy's care. */
function subjectOf(claims: JsonObject, { subject }: Options): string | Denial {
  const name = subject.claims.find((each) => (own(claims, each) ?? null) !== null);
  if (name === undefined) return denial('jwt.subject', `no ${subject.claims.join(' or ')}`);
  const value = claims[name];
  return isName(value) ? value : denial('jwt.subject', `${name} is not a usable text`);
}

function own(claims: JsonObject, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** RFC 7519 4.1.3: one text or a list of texts; anything else names nobody. */
function audiencesOf(aud: unknown): readonly string[] {
  if (typeof aud === 'string') return [aud];
  if (!Array.isArray(aud)) return [];
  return aud.every((each) => typeof each === 'string') ? aud : [];
}

function identityOf(
  subject: string,
  claims: JsonObject,
  { times, options, nowMs }: Judged,
): Identity {
  const { acr } = claims;
  return deepFreeze({
    subject,
    issuer: options.issuer,
    claims: claims as Identity['claims'],
    method: 'jwt',
    authenticatedAt: authenticatedAt(times.authTime, nowMs),
    expiresAt: endOf(times, options),
    ...(isName(acr) && { assurance: acr }),
  });
}
