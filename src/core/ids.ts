import { randomFillSync } from 'node:crypto';
import { monotonicFactory } from 'ulid';

declare const brand: unique symbol;

type Branded<Name extends string> = string & { readonly [brand]: Name };

/** One ULID names the exchange, its decision and its log line. */
export type ExchangeId = Branded<'ExchangeId'>;
/** Derived from verified identity only. */
export type TenantId = Branded<'TenantId'>;
/** The AMQP address of a service in the Skupper network, as Skupper's `routingKey` gives it. */
export type RoutingKey = Branded<'RoutingKey'>;

/** ulid asks for one random number a character; the system is asked once for this many. */
const RANDOM_NUMBERS = 1024;
const SCALE = 2 ** 32;
const randomNumbers = new Uint32Array(RANDOM_NUMBERS);
let used = RANDOM_NUMBERS;

function nextRandom(): number {
  if (used === RANDOM_NUMBERS) {
    randomFillSync(randomNumbers);
    used = 0;
  }
  const number = randomNumbers[used]! / SCALE;
  used += 1;
  return number;
}

const nextUlid = monotonicFactory(nextRandom);

export function newExchangeId(nowMs: number): ExchangeId {
  return nextUlid(nowMs) as ExchangeId;
}
