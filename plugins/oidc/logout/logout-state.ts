import { randomBytes } from 'node:crypto';
import { COOKIE_PREFIX } from 'fairlead/plugin';
import type { Cookie, RequestView } from 'fairlead/plugin';
import { LIMITS } from '../limits.ts';

/** The `state` of a logout (OIDC RP-Initiated Logout 1.0, 2 and 3). */
export function newLogoutState(): string {
  return randomBytes(16).toString('base64url');
}

/** Which logout this browser waits for. It ends by itself: the page that says so may be reloaded. */
export function logoutCookie(provider: string, state: string): Cookie {
  const maxAgeSeconds = LIMITS.attemptMs / 1000;
  return { name: cookieName(provider), value: state, maxAgeSeconds };
}

/** True when the browser waits for a logout, and not for this one. */
export function isOfAnother(request: RequestView, provider: string, state: string): boolean {
  const awaited = request.cookies.get(COOKIE_PREFIX + cookieName(provider));
  return awaited !== undefined && awaited !== state;
}

function cookieName(provider: string): string {
  return `${provider}.logout`;
}
