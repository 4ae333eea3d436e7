import type { ConnectionLife } from '../../core/connection-life.ts';
import type { BucketShape } from '../../core/bucket-shape.ts';

export type { Rate } from '../../core/bucket-shape.ts';

export interface Limits {
  /** All must admit. */
  readonly rates: readonly BucketShape[];
  readonly quota: Quota | undefined;
  readonly concurrent: number | undefined;
  /** Octets per second of each direction of a stream; undefined: no limit, or shadowed. */
  readonly bandwidth: number | undefined;
  readonly mode: 'enforce' | 'shadow';
  /** Undefined: this process counts by itself. */
  readonly shared: SharedLimit | undefined;
}

/** As many in each calendar period. */
export interface Quota {
  readonly amount: number;
  /** For people: `100000 a month (UTC)`. */
  readonly text: string;
  readonly period: CalendarPeriod;
}

/** Hours, days or months of a zone's clock and calendar. */
export interface CalendarPeriod {
  readonly per: 'hour' | 'day' | 'month';
  /** An IANA name. */
  readonly zone: string;
  /** Both together, for tables: `month UTC`. */
  readonly name: string;
}

/** How the store counts what one `limits` block says. */
export interface SharedLimit {
  /** `window`: fixed windows. `strict`: the generic cell rate algorithm. */
  readonly algorithm: 'window' | 'strict';
  readonly whenDown: WhenDown;
  /** Gateways that share the store. */
  readonly replicas: number;
}

/** Limits that count each tenant by itself: its name makes them the checks of a request. */
export interface TenantLimits extends Limits {
  /** Of one tenant, at the same time. */
  readonly connections: number | undefined;
  readonly list: readonly Limit[];
}

/** The rate of client addresses, before it is known which. */
export interface AddressRate {
  /** An IPv4 address, or a /64. */
  readonly client: RateLimit;
  /** A /48 of IPv6, beside its clients. */
  readonly site: RateLimit;
}

interface Counted {
  /** As the policy names it, for the 429: `tiers.free.rate`, `routes.web.concurrent`. */
  readonly name: string;
  /** Checks of one `limits` block. What a block in shadow mode would refuse spends nothing of it. */
  readonly group: string;
  readonly mode: Limits['mode'];
  /**
   * Rule, and window of a rate: what keys begin with, so that buckets outlast a reload that keeps both. Of a rate it is
   * also the bucket of keys that find no room.
   */
  readonly ruleKey: string;
}

/** While the store is away: each process its share, everybody, or nobody. */
export type WhenDown = 'local-share' | 'open' | 'closed';

/** How the store that replicas share counts a rate. */
export interface SharedRate {
  /** `window`: fixed windows. `strict`: the generic cell rate algorithm. */
  readonly algorithm: 'window' | 'strict';
  readonly whenDown: WhenDown;
  /** Of this process. */
  readonly share: BucketShape;
}

/** How the store that replicas share counts places. */
export interface SharedPlace {
  readonly whenDown: WhenDown;
  /** Of this process. 0: it has none while the store is away. */
  readonly share: number;
}

/** A token of a rate. */
export interface RateLimit extends Counted {
  readonly kind: 'rate';
  readonly shape: BucketShape;
  /** Undefined: counted in this process. */
  readonly shared?: SharedRate;
}

/** How the store that replicas share counts a quota. */
export interface SharedQuota {
  readonly whenDown: WhenDown;
  /** Of this process. */
  readonly share: number;
}

/** One of the requests of a calendar period. */
interface QuotaLimit extends Counted, Quota {
  readonly kind: 'quota';
  /** Undefined: counted in this process. */
  readonly shared?: SharedQuota;
}

/** A place among those in flight, held until the request is over. */
interface PlaceLimit extends Counted {
  readonly kind: 'place';
  readonly most: number;
  /** Undefined: requests. */
  readonly counts?: 'connections';
  /** Undefined: counted in this process. */
  readonly shared?: SharedPlace;
}

/** One thing that a `limits` block counts, before it is known for whom. */
export type Limit = RateLimit | QuotaLimit | PlaceLimit;

interface Keyed {
  /** `ruleKey` and who is counted: a length-prefixed tuple of verified data. */
  readonly key: string;
}

export type RateCheck = RateLimit & Keyed;
export type QuotaCheck = QuotaLimit & Keyed;
/** What is spent, and comes back by time alone. */
export type SpentCheck = RateCheck | QuotaCheck;
/** `connection`: the place is held until it closes; undefined: until the request is over. */
export type PlaceCheck = PlaceLimit & Keyed & { readonly connection?: ConnectionLife };

/** One thing that is counted for a request, and must be there. */
export type Check = RateCheck | QuotaCheck | PlaceCheck;
