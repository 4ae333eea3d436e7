import { COOKIE_PREFIX } from '../core/own-cookies.ts';
import type { Cookie } from '../plugin/contract.ts';

/**
 * A plugin's cookie as the Set-Cookie field of ours: `__Host-` binds it to this host and to https
 * (RFC 6265bis 4.1.3.2, L1, L5), and no script reads it. Name and value were checked by the host.
 */
export function setCookieField(cookie: Cookie): string {
  const sameSite = cookie.crossSitePost === true ? 'None' : 'Lax';
  const attributes = ['Path=/', 'Secure', 'HttpOnly', `SameSite=${sameSite}`];
  if (cookie.maxAgeSeconds !== undefined) attributes.unshift(`Max-Age=${cookie.maxAgeSeconds}`);
  return [`${COOKIE_PREFIX}${cookie.name}=${cookie.value}`, ...attributes].join('; ');
}
