import { monotonicFactory } from 'ulid';

declare const brand: unique symbol;

type Branded<Name extends string> = string & { readonly [brand]: Name };

/** One ULID names the exchange, its decision and its log line. */
export type ExchangeId = Branded<'ExchangeId'>;
/** Derived from verified identity only. */
export type TenantId = Branded<'TenantId'>;
/** The AMQP address of a service in the Skupper network, as Skupper's `routingKey` gives it. */
export type RoutingKey = Branded<'RoutingKey'>;

const nextUlid = monotonicFactory();

export function newExchangeId(nowMs: number): ExchangeId {
  return nextUlid(nowMs) as ExchangeId;
}
