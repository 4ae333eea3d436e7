/**
 * Before the name of each cookie of ours, sessions and those that plugins set: `__Host-` binds it to host and
 * https (RFC 6265bis 4.1.3.2).
 */
export const COOKIE_PREFIX = '__Host-fairlead-';
/**
 * A cookie of the plugin's, at most 16 with one result. The core adds COOKIE_PREFIX, Secure, HttpOnly, Path=/ and
 * SameSite. No application ever sees it. Name and value have at most 4096 octets together (RFC 6265bis 5.6).
 */
export interface Cookie {
  /**
   * Begins with the provider's name and a dot (`corp.login`); read back as `req.cookies.get(COOKIE_PREFIX + name)`.
   * 1 to 128 characters of a token (RFC 9110 5.6.2).
   */
  readonly name: string;
  readonly value: string;
  /** 0 to 34,560,000 (400 days); 0 clears the cookie. Absent: until the browser is closed. */
  readonly maxAgeSeconds?: number;
  /** True: SameSite=None, for a callback that comes as a POST of another site. Default: Lax. */
  readonly crossSitePost?: boolean;
}

/** Prefixes are compared without case, as browsers do (RFC 6265bis 5.7, L2). */
const OWN_PREFIX = COOKIE_PREFIX.toLowerCase();
const MENTIONS_OWN = new RegExp(COOKIE_PREFIX, 'i');

/** A cookie without a name is sent back as its value alone, which then has a name (RFC 6265bis 5.8.3). */
const BEFORE_NAME = /^[\s=]*/;

/** True for a cookie pair, or a Set-Cookie value, that comes back under a name of ours. */
export function isOwnCookie(pair: string): boolean {
  const name = pair.replace(BEFORE_NAME, '');
  return name.slice(0, OWN_PREFIX.length).toLowerCase() === OWN_PREFIX;
}

/** A Cookie value as an application may see it (L8, B6); undefined when nothing is left of it. */
export function withoutOwnCookies(value: string): string | undefined {
  if (!MENTIONS_OWN.test(value)) return value;
  const kept = value.split(';').filter((pair) => pair.trim() !== '' && !isOwnCookie(pair));
  return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ');
}
