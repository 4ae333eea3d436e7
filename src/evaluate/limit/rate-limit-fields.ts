import type { HeaderList } from '../../core/header-list.ts';

/** A rate or quota, and what a request found of it. */
export interface CountedRate {
  /** The policy's name of the limit; never a subject (K3). */
  readonly name: string;
  readonly amount: number;
  /** Undefined: a calendar period, of which no two need be of one length. */
  readonly windowMs: number | undefined;
  readonly remaining: number;
  /** Milliseconds until `remaining` grows. */
  readonly untilMs: number;
  /** Milliseconds until a request may come; 0 when one may. */
  readonly waitMs: number;
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11, checklist K): all
 * policies, and the state of the most restrictive, the one with the fewest requests left (K4).
 */
export function rateLimitFields(rates: readonly CountedRate[]): HeaderList {
  const first = rates[0];
  if (first === undefined) return [];
  const tightest = rates.reduce((least, rate) => (isTighter(rate, least) ? rate : least), first);
  const policies = rates.map(policyItem).join(', ');
  return ['ratelimit-policy', policies, 'ratelimit', stateItem(tightest)];
}

function isTighter(one: CountedRate, other: CountedRate): boolean {
  return one.remaining < other.remaining;
}

/** Quota per window; windows of a policy are whole seconds. */
function policyItem({ name, amount, windowMs }: CountedRate): string {
  const window = windowMs === undefined ? '' : `;w=${Math.ceil(windowMs / 1000)}`;
  return `${quoted(name)};q=${amount}${window}`;
}

/** `t`: seconds until `r` grows; on a refusal the same as Retry-After (K2). */
function stateItem({ name, remaining, untilMs }: CountedRate): string {
  return `${quoted(name)};r=${remaining};t=${Math.max(1, Math.ceil(untilMs / 1000))}`;
}

/** A structured-field string (RFC 9651 3.3.3); characters it cannot hold become `?`. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}
