import { DEADLINES } from '../../core/deadlines.ts';

/** How long documents and keys of an issuer are waited for, and how long they count; all in milliseconds. */
export const ISSUER_WAITS = {
  /** Discovery and keys together. */
  fetchMs: DEADLINES.jwksFetchMs,
  /** Between two loads, once there are keys. */
  cooldownMs: DEADLINES.jwksCooldownMs,
  /** The first wait while there are no keys at all; doubles up to the cooldown. */
  firstRetryMs: 1_000,
  /** Keys older than this are loaded again, in the background. */
  freshMs: 600_000,
  /** The last good keys serve this long while the issuer is down. */
  maxStaleMs: DEADLINES.jwksMaxStaleMs,
} as const;
