import { AmqpError } from './amqp-error.ts';
import { readDescriptor } from './descriptors.ts';
import { ValueReader } from './value-reader.ts';

/** What an edge listener's router says about one address: it has consumers, or has none left. */
export interface AddressChange {
  readonly routingKey: string;
  readonly isReachable: boolean;
}

const VALUE_SECTION = 0x77;
/** Class letter of mobile addresses in a router's table; services are these. */
const MOBILE = 'M';

/**
 * Reads the message of an address-tracking link: annotations and header to skip, then the value
 * `["Mweb:8080", true]`. Undefined for other addresses. Throws AmqpError for anything else.
 */
export function decodeAddressChange(message: Buffer): AddressChange | undefined {
  const reader = new ValueReader(message);
  while (readDescriptor(reader) !== VALUE_SECTION) reader.skipValue();
  const value = reader.value();
  const [address, isReachable] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (typeof address !== 'string' || typeof isReachable !== 'boolean') {
    throw new AmqpError('amqp:decode-error', 'tracking message is not [address, boolean]');
  }
  if (!address.startsWith(MOBILE)) return undefined;
  return { routingKey: address.slice(MOBILE.length), isReachable };
}
