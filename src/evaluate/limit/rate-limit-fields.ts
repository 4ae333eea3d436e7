import type { HeaderList } from '../../core/header-list.ts';
import type { BucketShape } from '../../core/bucket-shape.ts';

/** A rate and what a request found of it. */
export interface CountedRate {
  /** The policy's name of the limit; never a subject (K3). */
  readonly name: string;
  readonly shape: BucketShape;
  readonly remaining: number;
  /** Milliseconds until the next token; 0 when one is there. */
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
function policyItem({ name, shape }: CountedRate): string {
  return `${quoted(name)};q=${shape.rate.amount};w=${Math.ceil(shape.rate.windowMs / 1000)}`;
}

/** `t`: seconds until `r` grows; on a refusal the same as Retry-After (K2). */
function stateItem({ name, shape, remaining, waitMs }: CountedRate): string {
  const ms = waitMs > 0 ? waitMs : shape.intervalMs;
  return `${quoted(name)};r=${remaining};t=${Math.max(1, Math.ceil(ms / 1000))}`;
}

/** A structured-field string (RFC 9651 3.3.3); characters it cannot hold become `?`. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}
