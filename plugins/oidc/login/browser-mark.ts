import { randomBytes } from 'node:crypto';
import { COOKIE_PREFIX } from 'fairlead/plugin';
import type { Cookie, RequestView } from 'fairlead/plugin';
import { LIMITS } from '../limits.ts';

/**
 * What the login-state cookie says: an id of the browser, to which every login that it begins is
 * bound, and when its last logins were completed. One cookie of some fifty octets, however many
 * logins are begun.
 */
export interface BrowserMark {
  readonly id: string;
  /** Seconds since 1970, the latest last; as many as stop a loop. */
  readonly completions: readonly number[];
}

const SHAPE = /^([A-Za-z0-9_-]{22})((?:\.[0-9a-z]{1,9}){0,2})$/;

/** The mark of this browser, or undefined when it sent none that is ours. */
export function readMark(request: RequestView, provider: string): BrowserMark | undefined {
  const value = request.cookies.get(`${COOKIE_PREFIX}${cookieName(provider)}`);
  const [, id, times] = (value === undefined ? null : SHAPE.exec(value)) ?? [];
  if (id === undefined) return undefined;
  const completions = (times ?? '').split('.').slice(1);
  return { id, completions: completions.map((time) => Number.parseInt(time, 36)) };
}

export function newMark(): BrowserMark {
  return { id: randomBytes(16).toString('base64url'), completions: [] };
}

/** The mark after a completed login. */
export function completed(mark: BrowserMark, nowMs: number): BrowserMark {
  const times = [...mark.completions, Math.floor(nowMs / 1000)];
  return { ...mark, completions: times.slice(-LIMITS.loopCompletions) };
}

/**
 * True when another redirect would be the third round: this browser completed two logins within a
 * minute, and yet is here without a session. Tabs that begin at the same moment complete nothing.
 */
export function isLooping(mark: BrowserMark, nowMs: number): boolean {
  const recent = mark.completions.filter((time) => nowMs - time * 1000 < LIMITS.loopWindowMs);
  return recent.length >= LIMITS.loopCompletions;
}

/** SameSite=None only where the provider posts the browser back to us. */
export function markCookie(mark: BrowserMark, provider: string, crossSitePost: boolean): Cookie {
  const times = mark.completions.map((time) => `.${time.toString(36)}`).join('');
  return {
    name: cookieName(provider),
    value: `${mark.id}${times}`,
    maxAgeSeconds: LIMITS.attemptMs / 1000,
    ...(crossSitePost && { crossSitePost }),
  };
}

function cookieName(provider: string): string {
  return `${provider}.login`;
}
