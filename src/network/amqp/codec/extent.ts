import { AmqpError } from './amqp-error.ts';

/** Nothing in a router's frame nests deeper than 4; 16 keeps a hostile frame off the stack. */
export const MAX_NESTING = 16;

/** Octets of a value after its constructor, by the constructor's high nibble (AMQP 1.6.1, 1.2.2). */
const FIXED_WIDTHS = [-1, -1, -1, -1, 0, 1, 2, 4, 8, 16, -1, -1, -1, -1, -1, -1] as const;

/**
 * Where the value that starts at `offset` ends, without decoding it; undefined when `octets` stop
 * short of its end. Works for type codes unknown to us, since the constructor tells the width.
 */
export function valueEnd(octets: Buffer, offset: number, depth = 0): number | undefined {
  if (offset >= octets.length) return undefined;
  const constructor = octets[offset]!;
  if (constructor === 0x00) return describedEnd(octets, offset, depth);
  const width = FIXED_WIDTHS[constructor >> 4]!;
  const end = width >= 0 ? offset + 1 + width : sizedEnd(octets, offset, constructor >> 4);
  return end === undefined || end > octets.length ? undefined : end;
}

function describedEnd(octets: Buffer, offset: number, depth: number): number | undefined {
  if (depth >= MAX_NESTING) throw nestingError();
  const value = valueEnd(octets, offset + 1, depth + 1);
  return value === undefined ? undefined : valueEnd(octets, value, depth + 1);
}

function sizedEnd(octets: Buffer, offset: number, nibble: number): number | undefined {
  if (nibble < 0xa) throw unknownConstructor(octets[offset]!);
  const isShort = nibble % 2 === 0;
  const start = offset + (isShort ? 2 : 5);
  if (start > octets.length) return undefined;
  return start + (isShort ? octets[offset + 1]! : octets.readUInt32BE(offset + 1));
}

export function nestingError(): AmqpError {
  return new AmqpError('amqp:decode-error', `value nested deeper than ${MAX_NESTING}`);
}

export function unknownConstructor(constructor: number): AmqpError {
  const found = `0x${constructor.toString(16).padStart(2, '0')}`;
  return new AmqpError('amqp:decode-error', `unknown constructor ${found}`);
}
