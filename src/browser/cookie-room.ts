import { COOKIE_PREFIX } from '../core/own-cookies.ts';
import type { Cookie, RequestView } from '../plugin/contract.ts';

/**
 * What our cookies of one browser may take together, so that its requests stay below the 32 KiB of a
 * head: beyond, no request would be read any more, not even the one that logs out. A login leaves room
 * for sessions to grow when they are renewed, and 6 KiB are for all other fields.
 */
const MAX_OCTETS = { login: 20 * 1024, renewal: 26 * 1024 } as const;

/** True when the browser can keep these beside what it has, or they make it less. */
export function hasCookieRoom(
  { cookies }: Pick<RequestView, 'cookies'>,
  set: readonly Cookie[],
  when: keyof typeof MAX_OCTETS,
): boolean {
  if (set.length === 0) return true;
  const after = new Map([...cookies].filter(([name]) => name.startsWith(COOKIE_PREFIX)));
  const before = octetsOf(after);
  for (const { name, value, maxAgeSeconds } of set) {
    if (maxAgeSeconds === 0) after.delete(COOKIE_PREFIX + name);
    else after.set(COOKIE_PREFIX + name, value);
  }
  const octets = octetsOf(after);
  return octets <= MAX_OCTETS[when] || octets <= before;
}

/** As in the Cookie field: `name=value; `. */
function octetsOf(cookies: ReadonlyMap<string, string>): number {
  let octets = 0;
  for (const [name, value] of cookies) octets += name.length + value.length + 3;
  return octets;
}
