import type { Framing } from './frame-boundary.ts';

const CLOSE = 0x8;
const MASKED = 0x80;
const LENGTH = 0x7f;
const SHORT_LENGTH = 126;
const LONG_LENGTH = 127;
const MASK_OCTETS = 4;
/** RFC 6455 5.5: of a control frame. */
const MAX_CONTROL = 125;
const STATUS_OCTETS = 2;

/** RFC 6455 5.2. After a Close frame nothing may follow, so the stream is not followed either. */
export const WEBSOCKET_FRAMING: Framing = {
  maxHeader: 14,
  headerOctets(header, known) {
    if (known < 2) return 2;
    const length = header[1]! & LENGTH;
    const extended = length === LONG_LENGTH ? 8 : length === SHORT_LENGTH ? 2 : 0;
    return 2 + extended + ((header[1]! & MASKED) === 0 ? 0 : MASK_OCTETS);
  },
  payloadOctets(header) {
    if ((header[0]! & 0x0f) === CLOSE) return undefined;
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    const length = header[1]! & LENGTH;
    if (length < SHORT_LENGTH) return length;
    if (length === SHORT_LENGTH) return view.getUint16(2);
    const long = view.getBigUint64(2);
    return long <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(long) : undefined;
  },
};

/** A Close frame of a server (RFC 6455 5.5.1, 7.4): unmasked, the status code and a reason in ASCII. */
export function closeFrame(status: number, reason: string): Uint8Array {
  const text = Buffer.from(reason, 'latin1').subarray(0, MAX_CONTROL - STATUS_OCTETS);
  const frame = Buffer.alloc(2 + STATUS_OCTETS + text.length);
  frame[0] = 0x80 | CLOSE;
  frame[1] = STATUS_OCTETS + text.length;
  frame.writeUInt16BE(status, 2);
  text.copy(frame, 2 + STATUS_OCTETS);
  return frame;
}
