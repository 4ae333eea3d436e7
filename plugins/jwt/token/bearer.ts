import { denial } from './denial.ts';
import type { Denial } from './denial.ts';
import { LIMITS } from '../limits.ts';

/** A token, `undefined` when the request carries no Bearer credential, or why what it carries is refused. */
export type Bearer = { readonly kind: 'token'; readonly token: string } | Denial | undefined;

const SCHEME = /^bearer(?: +|$)/i;
/** A second field shows as a comma and another scheme, since `Headers` joins the lines of a field. */
const SECOND_BEARER = /,\s*bearer(?:\s|$)/i;

/**
 * Only the Authorization field is read, never query, cookie or form, and it must be there once
 * (R-33; Node would show the first of two and hide the second).
 */
export function readBearer(authorization: string | null): Bearer {
  if (authorization === null) return undefined;
  if (!SCHEME.test(authorization)) {
    return SECOND_BEARER.test(authorization) ? repeated() : undefined;
  }
  const token = authorization.replace(SCHEME, '');
  if (token.includes(',')) return repeated();
  if (token.length > LIMITS.tokenCharacters) {
    const detail = `${token.length} characters, at most ${LIMITS.tokenCharacters} are read`;
    return denial('jwt.too_large', detail);
  }
  return { kind: 'token', token };
}

function repeated(): Denial {
  return denial('jwt.repeated', 'more than one Authorization field');
}
