import { AmqpError } from './amqp-error.ts';
import { decodePerformative } from './decode-performative.ts';
import { type Frame, type ProtocolId, FRAME_HEADER_BYTES, PROTOCOL_HEADERS } from './frame.ts';
import { ValueReader } from './value-reader.ts';

/** Where the reader puts what it found, in order, within `push`. */
export interface FrameSink {
  header(protocol: ProtocolId): void;
  frame(frame: Frame): void;
}

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Cuts a byte stream into protocol headers and frames. A frame that lies within one chunk is decoded
 * in place; one that is spread over chunks is put together with one copy, into a buffer of its
 * announced size, which is bounded before it is allocated.
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  readonly #sink: FrameSink;
  readonly #head = Buffer.alloc(FRAME_HEADER_BYTES);
  #headLength = 0;
  #partial: Buffer | undefined;
  #partialLength = 0;
  #wantsHeader = true;
  #isStopped = false;

  constructor(maxFrameBytes: number, sink: FrameSink) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#sink = sink;
  }

  /** The next octets are a protocol header again: after the SASL outcome (AMQP 5.3.2). */
  expectHeader(): void {
    this.#wantsHeader = true;
  }

  /** Nothing more is read, not even the rest of the chunk in hand. */
  stop(): void {
    this.#isStopped = true;
    this.#partial = undefined;
  }

  /** Throws AmqpError when the stream breaks the protocol; the reader must not be used after that. */
  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length && !this.#isStopped) {
      offset = this.#partial === undefined ? this.#start(chunk, offset) : this.#fill(chunk, offset);
    }
  }

  /** A frame begins at `offset`, or its first octets are in `#head`. */
  #start(chunk: Buffer, offset: number): number {
    if (this.#headLength === 0 && chunk.length - offset >= FRAME_HEADER_BYTES) {
      return this.#whole(chunk, offset);
    }
    const wanted = FRAME_HEADER_BYTES - this.#headLength;
    const copied = chunk.copy(this.#head, this.#headLength, offset, offset + wanted);
    this.#headLength += copied;
    if (this.#headLength === FRAME_HEADER_BYTES) this.#completeHead();
    return offset + copied;
  }

  #whole(chunk: Buffer, offset: number): number {
    if (this.#wantsHeader) {
      this.#header(chunk.subarray(offset, offset + FRAME_HEADER_BYTES));
      return offset + FRAME_HEADER_BYTES;
    }
    const size = this.#sizeAt(chunk, offset);
    if (size <= chunk.length - offset) {
      this.#frame(chunk, offset, offset + size);
      return offset + size;
    }
    this.#begin(chunk.subarray(offset), size);
    return chunk.length;
  }

  #completeHead(): void {
    this.#headLength = 0;
    if (this.#wantsHeader) return this.#header(this.#head);
    const size = this.#sizeAt(this.#head, 0);
    if (size === FRAME_HEADER_BYTES) return this.#frame(Buffer.from(this.#head), 0, size);
    this.#begin(this.#head, size);
  }

  #begin(octets: Buffer, size: number): void {
    this.#partial = Buffer.allocUnsafeSlow(size);
    this.#partialLength = octets.copy(this.#partial);
  }

  #fill(chunk: Buffer, offset: number): number {
    const partial = this.#partial!;
    const end = Math.min(chunk.length, offset + partial.length - this.#partialLength);
    this.#partialLength += chunk.copy(partial, this.#partialLength, offset, end);
    if (this.#partialLength === partial.length) {
      this.#partial = undefined;
      this.#frame(partial, 0, partial.length);
    }
    return end;
  }

  #header(octets: Buffer): void {
    this.#wantsHeader = false;
    if (octets.equals(PROTOCOL_HEADERS.amqp)) return this.#sink.header('amqp');
    if (octets.equals(PROTOCOL_HEADERS.sasl)) return this.#sink.header('sasl');
    const found = octets.toString('hex');
    throw framingError(`found ${found}, wanted a protocol header of AMQP 1.0`);
  }

  #sizeAt(octets: Buffer, offset: number): number {
    const size = octets.readUInt32BE(offset);
    if (size < FRAME_HEADER_BYTES) throw framingError(`frame of ${size} octets`);
    if (size <= this.#maxFrameBytes) return size;
    throw framingError(`frame of ${size} octets, at most ${this.#maxFrameBytes} are allowed`);
  }

  #frame(octets: Buffer, start: number, end: number): void {
    const bodyStart = start + octets[start + 4]! * 4;
    if (bodyStart < start + FRAME_HEADER_BYTES || bodyStart > end) {
      throw framingError(`frame with data offset ${octets[start + 4]!}`);
    }
    const type = frameType(octets[start + 5]!);
    const channel = type === 'amqp' ? octets.readUInt16BE(start + 6) : 0;
    this.#sink.frame(decodeBody(type, channel, octets, bodyStart, end));
  }
}

// oxlint-disable-next-line max-params -- once per received frame: an options object would be an allocation each
function decodeBody(
  type: Frame['type'],
  channel: number,
  octets: Buffer,
  start: number,
  end: number,
): Frame {
  if (start === end) return { type, channel, performative: undefined, payload: EMPTY };
  const reader = new ValueReader(octets, start, end);
  const performative = decodePerformative(reader);
  const payload = reader.position === end ? EMPTY : octets.subarray(reader.position, end);
  if (payload.length > 0 && performative.kind !== 'transfer' && performative.kind !== 'unknown') {
    throw framingError(`${performative.kind} with ${payload.length} octets behind it`);
  }
  return { type, channel, performative, payload };
}

function frameType(type: number): Frame['type'] {
  if (type === 0) return 'amqp';
  if (type === 1) return 'sasl';
  throw framingError(`frame of unknown type ${type}`);
}

function framingError(description: string): AmqpError {
  return new AmqpError('amqp:connection:framing-error', description);
}
