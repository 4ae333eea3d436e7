// AMQP 1.0 on the wire: octets to frames and back. Nothing here knows a session, a window or a lane.
//   frame.ts, frame-reader.ts     protocol headers and frames; the reader takes octets as they come and checks sizes first
//   performatives.ts, descriptors.ts   the performatives as types, and their numbers
//   decode-*.ts, encode-*.ts, field-*.ts   performatives ↔ fields      value-*.ts, numeric.ts, extent.ts   fields ↔ octets
//   stream-opening.ts, tracking-message.ts   the two messages that routers and we send each other
// An AmqpError is the peer's breach of the protocol, with the condition that it is told.
export { AmqpError } from './amqp-error.ts';
export type { AmqpValue } from './amqp-value.ts';
export {
  CONTINUATION_BYTES,
  EMPTY_FRAME,
  encodeContinuation,
  encodeFrame,
  PROTOCOL_HEADERS,
} from './frame.ts';
export type { Frame, ProtocolId } from './frame.ts';
export { FrameReader } from './frame-reader.ts';
export type * from './performatives.ts';
export { encodeOpening, OpeningReader, STREAM_CONTENT_TYPE } from './stream-opening.ts';
export type { StreamOpening } from './stream-opening.ts';
export { decodeAddressChange } from './tracking-message.ts';
export { ValueWriter } from './value-writer.ts';
