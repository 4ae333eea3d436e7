import type { Clock } from '../core/clock.ts';
import { addressKey } from '../core/ip.ts';
import { keyTuple } from '../core/key-tuple.ts';
import { isRefusal } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Limits, Rate } from '../policy/snapshot.ts';
import { BucketTable } from './bucket-table.ts';
import type { Gate } from './gates.ts';
import { Limiter } from './limiter.ts';
import type { LimitListener } from './limiter.ts';
import { bucketShape } from './token-bucket.ts';

/** Addresses and blocks remembered; apart from the tenants' table, so that no flood reaches that. */
const MAX_ADDRESSES = 200_000;
/** A /48 is what one site gets: 65536 of the /64 that count as one client. It may have this many's rate. */
const CLIENTS_PER_SITE = 16;

const NAME = 'gateway.limits.perClientAddress';

export interface AddressLimiterOptions {
  readonly clock: Clock;
  readonly onLimited?: LimitListener;
  readonly maxAddresses?: number;
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
      store: new BucketTable(options.maxAddresses ?? MAX_ADDRESSES),
      onLimited: options.onLimited ?? ignore,
      // Before authentication nobody is told how a shared address is doing.
      withRateLimitFields: false,
    });
  }

  /** Undefined: go on. `rate` is `gateway.limits.perClientAddress.rate`; undefined: no limit. */
  admit(address: string, rate: Rate | undefined): Refusal | undefined {
    if (rate === undefined) return undefined;
    const outcome = this.#limiter.admit(gatesOf(address, rate));
    return isRefusal(outcome) ? outcome : undefined;
  }
}

function gatesOf(address: string, rate: Rate): readonly Gate[] {
  const key = addressKey(address);
  if (!key.includes(':')) return [gateOf(key, rate)];
  const wide = { ...rate, amount: rate.amount * CLIENTS_PER_SITE };
  return [gateOf(key, rate), gateOf(addressKey(address, 48), wide)];
}

function gateOf(key: string, rate: Rate): Gate {
  const limits: Limits = {
    rates: [rate],
    burst: undefined,
    concurrent: undefined,
    mode: 'enforce',
  };
  const overflowKey = keyTuple('address', String(rate.windowMs));
  const bucketKey = overflowKey + keyTuple(key);
  const bucket = { key: bucketKey, overflowKey, shape: bucketShape(rate, undefined) };
  return { name: NAME, limits, buckets: [bucket], concurrencyKey: key };
}

function ignore(): void {}
