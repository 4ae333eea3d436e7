import { refuse, type Refusal } from '../../core/refusal.ts';
import { namedReason, type ReasonCode } from '../../telemetry/names/names.ts';

/** The request target taken apart (RFC 9112 3.2). */
export interface Target {
  /** Origin-form, or `*`. */
  readonly target: string;
  /** Of the absolute form; it takes the place of Host (E2). */
  readonly authority: string | undefined;
  readonly scheme: string | undefined;
}

/** RFC 9110 4.1 asks for 8000 octets at least. */
export const MAX_TARGET_LENGTH = 8_192;

/** No space, no control, nothing above ASCII, no fragment. Which paths are allowed is decided later. */
const ORIGIN_FORM = /^\/[\x21\x22\x24-\x7e]*$/;
const ABSOLUTE_FORM = /^(https?):\/\/([^/?#]*)(\/[^#]*|\?[^#]*)?$/i;

/** CONNECT makes a tunnel and TRACE reflects credentials (E17); TRACK is its other name. */
export function isRefusedMethod(method: string): boolean {
  return method === 'CONNECT' || method === 'TRACE' || method === 'TRACK';
}

export function parseTarget(method: string, text: string): Target | Refusal {
  if (text.length > MAX_TARGET_LENGTH) return refuse('target_too_long', { closeConnection: true });
  if (text.startsWith('/')) return originForm(text);
  if (text === '*' && method === 'OPTIONS') return plain('*');
  const absolute = ABSOLUTE_FORM.exec(text);
  if (absolute === null) return badTarget('http.target_form');
  const rest = absolute[3] ?? (method === 'OPTIONS' ? '*' : '/');
  const origin = rest === '*' ? plain('*') : originForm(rest.startsWith('?') ? `/${rest}` : rest);
  if ('kind' in origin) return origin;
  return { ...origin, scheme: absolute[1]!.toLowerCase(), authority: absolute[2]! };
}

function originForm(text: string): Target | Refusal {
  return ORIGIN_FORM.test(text) ? plain(text) : badTarget('http.target_characters');
}

function plain(target: string): Target {
  return { target, authority: undefined, scheme: undefined };
}

function badTarget(code: ReasonCode): Refusal {
  return refuse('malformed_request', { closeConnection: true, reason: namedReason(code) });
}
