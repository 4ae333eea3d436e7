import { COOKIE_PREFIX } from '../plugin/contract.ts';
import type { Cookie, RequestView } from '../plugin/contract.ts';

/** Name, value and attributes of one cookie stay below 4096 octets (L4). */
const CHUNK = 3800;
/** With 32 KiB for all fields of a request, an application's own cookies still fit. */
const MAX_CHUNKS = 4;
/** The longest text that fits. */
export const MAX_SEALED = CHUNK * MAX_CHUNKS;

/**
 * A long text as cookies `<provider>.s0`, `.s1` …; undefined when it does not fit. The first says how
 * many belong together, so that what an earlier, longer text left behind does no harm.
 */
export function toCookies(
  provider: string,
  text: string,
  maxAgeSeconds: number,
): readonly Cookie[] | undefined {
  const count = Math.max(1, Math.ceil(text.length / CHUNK));
  if (count > MAX_CHUNKS) return undefined;
  return Array.from({ length: count }, (_each, at) => {
    const chunk = text.slice(at * CHUNK, (at + 1) * CHUNK);
    return {
      name: nameOf(provider, at),
      value: at === 0 ? `${count}${chunk}` : chunk,
      maxAgeSeconds,
    };
  });
}

/** The text that a request's cookies make; undefined when one is missing. */
export function fromCookies(provider: string, { cookies }: RequestView): string | undefined {
  const chunk = (at: number) => cookies.get(COOKIE_PREFIX + nameOf(provider, at));
  const first = chunk(0);
  const count = Number(first?.[0]);
  if (first === undefined || !(count >= 1 && count <= MAX_CHUNKS)) return undefined;
  let text = first.slice(1);
  for (let at = 1; at < count; at += 1) {
    const next = chunk(at);
    if (next === undefined) return undefined;
    text += next;
  }
  return text;
}

/** Cookies that clear all that the request brought (L7). */
export function clearing(provider: string, { cookies }: RequestView): readonly Cookie[] {
  const all = Array.from({ length: MAX_CHUNKS }, (_each, at) => nameOf(provider, at));
  return all
    .filter((name, at) => at === 0 || cookies.has(COOKIE_PREFIX + name))
    .map((name) => ({ name, value: '', maxAgeSeconds: 0 }));
}

function nameOf(provider: string, at: number): string {
  return `${provider}.s${at}`;
}
