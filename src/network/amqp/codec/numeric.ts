import type { AmqpValue } from './amqp-value.ts';
import { unknownConstructor } from './extent.ts';

/** What a value of fixed width is read from; each call takes its octets. */
export interface OctetReader {
  octet(): number;
  uint16(): number;
  uint32(): number;
  view(length: number): Buffer;
}

/** Values of fixed width (AMQP 1.6): numbers where they are exact, bigint beyond 2^53. */
export function readNumeric(reader: OctetReader, constructor: number): AmqpValue {
  switch (constructor) {
    case 0x41:
      return true;
    case 0x42:
      return false;
    case 0x43:
    case 0x44:
      return 0;
    case 0x56:
      return reader.octet() !== 0;
    case 0x50:
    case 0x52:
    case 0x53:
      return reader.octet();
    case 0x51:
    case 0x54:
    case 0x55:
      return (reader.octet() << 24) >> 24;
    case 0x60:
      return reader.uint16();
    case 0x61:
      return (reader.uint16() << 16) >> 16;
    case 0x70:
    case 0x73:
      return reader.uint32();
    case 0x71:
      return reader.uint32() | 0;
    default:
      return readWide(reader, constructor);
  }
}

function readWide(reader: OctetReader, constructor: number): AmqpValue {
  switch (constructor) {
    case 0x72:
      return reader.view(4).readFloatBE(0);
    case 0x82:
      return reader.view(8).readDoubleBE(0);
    case 0x80:
      return exact(reader.view(8).readBigUInt64BE(0));
    case 0x81:
    case 0x83:
      return exact(reader.view(8).readBigInt64BE(0));
    case 0x74:
      return reader.view(4);
    case 0x84:
      return reader.view(8);
    case 0x94:
    case 0x98:
      return reader.view(16);
    default:
      throw unknownConstructor(constructor);
  }
}

function exact(value: bigint): number | bigint {
  const isSafe =
    value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}
