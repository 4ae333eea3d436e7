import type { Clock } from '../../core/clock.ts';
import { addressKey } from '../../core/address-key.ts';
import { keyTuple } from '../../core/key-tuple.ts';
import { andThen } from '../../core/maybe.ts';
import type { Maybe } from '../../core/maybe.ts';
import { isRefusal } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { AddressRate, Check, RateLimit } from '../../policy/snapshot/snapshot.ts';
import { Limiter } from './limiter.ts';
import type { LimitListener } from './limiter.ts';
import type { LimitStore } from './limit-store.ts';
import { MemoryLimits } from './memory-limits.ts';
import type { Permit } from './permit.ts';

/** Addresses and blocks remembered; apart from the tenants' table, so that no flood reaches that. */
const MAX_ADDRESSES = 200_000;

export interface AddressLimiterOptions {
  readonly clock: Clock;
  readonly onLimited?: LimitListener;
  readonly maxAddresses?: number;
  /** Default: the memory of this process. */
  readonly store?: LimitStore;
}

/**
 * The request rate of a client's address, before anything that costs a signature: IPv4 alone, IPv6 by
 * /64 and, more loosely, by /48. Counts requests, so it holds over connections and streams.
 */
export class AddressLimiter {
  readonly #limiter: Limiter;

  constructor(options: AddressLimiterOptions) {
    this.#limiter = new Limiter({
      clock: options.clock,
      store:
        options.store ?? new MemoryLimits(options.clock, options.maxAddresses ?? MAX_ADDRESSES),
      onLimited: options.onLimited ?? ignore,
      // Not before authentication: the counters of a shared address are not for everybody to read.
      withRateLimitFields: false,
    });
  }

  /** Undefined: go on. `rate` is `gateway.limits.perClientAddress.rate`; undefined: no limit. */
  admit(address: string, rate: AddressRate | undefined): Maybe<Refusal | undefined> {
    if (rate === undefined) return undefined;
    return andThen(this.#limiter.admit(checksOf(address, rate)), refusalOf);
  }
}

function refusalOf(outcome: Permit | Refusal): Refusal | undefined {
  return isRefusal(outcome) ? outcome : undefined;
}

function checksOf(address: string, { client, site }: AddressRate): readonly Check[] {
  const key = addressKey(address);
  if (!key.includes(':')) return [checkOf(client, key)];
  return [checkOf(client, key), checkOf(site, addressKey(address, 48))];
}

function checkOf(limit: RateLimit, address: string): Check {
  return { ...limit, key: limit.ruleKey + keyTuple(address) };
}

function ignore(): void {}
