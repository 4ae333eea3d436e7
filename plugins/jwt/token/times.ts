import { secondsOf, shown } from 'fairlead/plugin/kit';
import type { JsonObject } from 'fairlead/plugin/kit';
import { denial } from './denial.ts';
import type { Denial } from './denial.ts';
import type { Options } from '../options.ts';

/** The last moment a Date can show: whatever ends later never ends. */
const LAST_MS = 8_640_000_000_000_000;

/** The times of a token in seconds since 1970, with a fraction where it has one. */
export interface Times {
  readonly exp: number;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
  readonly authTime: number | undefined;
}

type Judging = Pick<Options, 'skew' | 'maxAge'>;

/** RFC 7519 2: a NumericDate is any JSON number, and `exp` must be there. */
export function readTimes(claims: JsonObject): Times | Denial {
  if (!Object.hasOwn(claims, 'exp')) return denial('jwt.malformed', 'exp is missing');
  for (const name of ['exp', 'nbf', 'iat', 'auth_time']) {
    const value = claims[name];
    if (value !== undefined && secondsOf(value) === undefined) {
      return denial('jwt.malformed', `${name} is ${shown(value)}, wanted seconds since 1970`);
    }
  }
  return {
    exp: secondsOf(claims['exp'])!,
    nbf: secondsOf(claims['nbf']),
    iat: secondsOf(claims['iat']),
    authTime: secondsOf(claims['auth_time']),
  };
}

export function judgeTimes(times: Times, options: Judging, nowMs: number): Denial | undefined {
  const { exp, nbf, iat } = times;
  const { skew, maxAge } = options;
  if (nowMs >= exp * 1000 + skew) {
    return denial('jwt.expired', `expired ${shownSeconds(nowMs - exp * 1000)} s ago`);
  }
  const start = Math.max(nbf ?? 0, iat ?? 0) * 1000;
  if (nowMs < start - skew) {
    return denial('jwt.not_yet_valid', `valid in ${shownSeconds(start - nowMs)} s`);
  }
  if (maxAge === undefined) return undefined;
  if (iat === undefined) return denial('jwt.too_old', 'iat is missing and policy wants maxAge');
  if (nowMs < iat * 1000 + maxAge + skew) return undefined;
  return denial('jwt.too_old', `issued ${shownSeconds(nowMs - iat * 1000)} s ago, beyond maxAge`);
}

/** The moment from which `judgeTimes` would say no. */
export function endOf(times: Times, { skew, maxAge }: Judging): number {
  const expiry = times.exp * 1000 + skew;
  if (maxAge === undefined || times.iat === undefined) return Math.min(expiry, LAST_MS);
  return Math.min(expiry, times.iat * 1000 + maxAge + skew, LAST_MS);
}

function shownSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
