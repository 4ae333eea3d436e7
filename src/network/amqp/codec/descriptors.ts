import { AmqpError } from './amqp-error.ts';
import type { ValueReader } from './value-reader.ts';

/** Descriptor codes and their symbolic twins (AMQP 2.7, 2.8.14, 3.4, 3.5, 5.3.3). */
const DESCRIPTORS = {
  'amqp:open:list': 0x10,
  'amqp:begin:list': 0x11,
  'amqp:attach:list': 0x12,
  'amqp:flow:list': 0x13,
  'amqp:transfer:list': 0x14,
  'amqp:disposition:list': 0x15,
  'amqp:detach:list': 0x16,
  'amqp:end:list': 0x17,
  'amqp:close:list': 0x18,
  'amqp:error:list': 0x1d,
  'amqp:received:list': 0x23,
  'amqp:accepted:list': 0x24,
  'amqp:rejected:list': 0x25,
  'amqp:released:list': 0x26,
  'amqp:modified:list': 0x27,
  'amqp:source:list': 0x28,
  'amqp:target:list': 0x29,
  'amqp:sasl-mechanisms:list': 0x40,
  'amqp:sasl-init:list': 0x41,
  'amqp:sasl-outcome:list': 0x44,
  'amqp:header:list': 0x70,
  'amqp:delivery-annotations:map': 0x71,
  'amqp:message-annotations:map': 0x72,
  'amqp:properties:list': 0x73,
  'amqp:application-properties:map': 0x74,
  'amqp:data:binary': 0x75,
  'amqp:amqp-sequence:list': 0x76,
  'amqp:amqp-value:*': 0x77,
  'amqp:footer:map': 0x78,
} as const;

const codeBySymbol: ReadonlyMap<string, number> = new Map(Object.entries(DESCRIPTORS));

/** What `readDescriptor` gives for a descriptor that is not in the table. */
const UNKNOWN_DESCRIPTOR = -1;

/** Reads `00` and the descriptor; the described value comes next. */
export function readDescriptor(reader: ValueReader): number {
  const constructor = reader.octet();
  if (constructor === 0x00) return readDescriptorValue(reader);
  const found = `0x${constructor.toString(16)}`;
  throw new AmqpError('amqp:decode-error', `found constructor ${found}, wanted a described value`);
}

/** Reads a descriptor whose `00` is already consumed. */
export function readDescriptorValue(reader: ValueReader): number {
  const constructor = reader.octet();
  switch (constructor) {
    case 0x53:
      return reader.octet();
    case 0x80:
      return wideCode(reader);
    case 0xa3:
    case 0xb3:
      return codeBySymbol.get(reader.symbol(reader.size(constructor))) ?? UNKNOWN_DESCRIPTOR;
    default:
      reader.valueOf(constructor);
      return UNKNOWN_DESCRIPTOR;
  }
}

function wideCode(reader: ValueReader): number {
  const high = reader.uint32();
  const low = reader.uint32();
  return high === 0 ? low : UNKNOWN_DESCRIPTOR;
}
