import { encodePerformative } from './encode-performative.ts';
import type { Performative } from './performatives.ts';
import { ValueWriter } from './value-writer.ts';

/** A frame as it came: `performative` is undefined for an empty (keepalive) frame. */
export interface Frame {
  readonly type: 'amqp' | 'sasl';
  readonly channel: number;
  readonly performative: Performative | undefined;
  /** What follows the performative: a view into the received octets. */
  readonly payload: Buffer;
}

export type ProtocolId = 'amqp' | 'sasl';

/** AMQP 2.2 and 5.3.1. */
export const PROTOCOL_HEADERS = {
  amqp: Buffer.from('AMQP\x00\x01\x00\x00', 'latin1'),
  sasl: Buffer.from('AMQP\x03\x01\x00\x00', 'latin1'),
} as const satisfies Record<ProtocolId, Buffer>;

/** AMQP 2.4.5: keeps the peer's idle timer from running out. */
export const EMPTY_FRAME: Buffer = Buffer.from('0000000802000000', 'hex');

/** AMQP 2.3.1: size, doff 2, type, channel. */
export const FRAME_HEADER_BYTES = 8;
const TYPE_AMQP = 0;
const TYPE_SASL = 1;

const shared = new ValueWriter();

/**
 * The octets of one frame without its payload: `payloadLength` octets must be sent right behind them.
 * So a transfer's payload is never copied. The caller keeps to the peer's max-frame-size.
 */
export function encodeFrame(channel: number, body: Performative, payloadLength = 0): Buffer {
  const type = body.kind.startsWith('sasl-') ? TYPE_SASL : TYPE_AMQP;
  shared.uint32(0);
  shared.octet(2);
  shared.octet(type);
  shared.uint16(channel);
  encodePerformative(shared, body);
  shared.patch(0, shared.length + payloadLength);
  return shared.take();
}

/** Octets of `encodeContinuation` ahead of its payload, for a handle below 256. */
export const CONTINUATION_BYTES = 21;

/**
 * A transfer that goes on with the delivery in progress: handle and `more` alone, all else null
 * (router-stream-protocol.md 5). The short form of `encodeFrame` for the hot path.
 */
export function encodeContinuation(
  channel: number,
  handle: number,
  more: boolean,
  payloadLength: number,
): Buffer {
  shared.uint32(CONTINUATION_BYTES + payloadLength);
  shared.uint32(0x0200_0000 | channel);
  // 00 53 14 = transfer; c0 08 06 = list8 of 6 fields; 52 = smalluint handle; four nulls; more.
  shared.uint32(0x0053_14c0);
  shared.uint32(0x0806_5200 | handle);
  shared.uint32(0x4040_4040);
  shared.octet(more ? 0x41 : 0x42);
  return shared.take();
}
