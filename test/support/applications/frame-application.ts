import type { Socket } from 'node:net';
import { Backend } from './backend.ts';
import { FLAG, FRAME, frame, literals } from '../clients/http2-frames.ts';

export type FieldPairs = readonly (readonly [string, string])[];

const PREFACE_LENGTH = 24;
const FRAME_HEAD = 9;
/** RFC 9113 4.2: what every peer takes. */
const MAX_FRAME = 16_384;

/**
 * An HTTP/2 application over plain TCP that answers each request with the heads given, the last of which
 * ends the stream. Nothing of them is checked: no library would send what these tests need.
 */
export function startFrameApplication(heads: () => readonly FieldPairs[]): Promise<Backend> {
  return Backend.start((socket) => {
    let buffer = Buffer.alloc(0);
    let isGreeted = false;
    socket.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk]);
      if (!isGreeted && buffer.length >= PREFACE_LENGTH) {
        isGreeted = true;
        buffer = buffer.subarray(PREFACE_LENGTH);
        socket.write(frame(FRAME.settings, 0, 0, Buffer.alloc(0)));
      }
      if (!isGreeted) return;
      while (buffer.length >= FRAME_HEAD) {
        const length = FRAME_HEAD + buffer.readUIntBE(0, 3);
        if (buffer.length < length) return;
        const [type, stream] = [buffer[3]!, buffer.readUInt32BE(5)];
        const isAck = (buffer[4]! & FLAG.ack) !== 0;
        buffer = buffer.subarray(length);
        if (type === FRAME.settings && !isAck) {
          socket.write(frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)));
        }
        if (type === FRAME.headers) answer(socket, stream, heads());
      }
    });
  });
}

function answer(socket: Socket, stream: number, heads: readonly FieldPairs[]): void {
  for (const [index, fields] of heads.entries()) {
    const end = index === heads.length - 1 ? FLAG.endStream : 0;
    const block = literals(fields);
    const first = block.subarray(0, MAX_FRAME);
    const isOne = block.length <= MAX_FRAME;
    socket.write(frame(FRAME.headers, end | (isOne ? FLAG.endHeaders : 0), stream, first));
    for (let at = MAX_FRAME; at < block.length; at += MAX_FRAME) {
      const part = block.subarray(at, at + MAX_FRAME);
      const flags = at + MAX_FRAME >= block.length ? FLAG.endHeaders : 0;
      socket.write(frame(FRAME.continuation, flags, stream, part));
    }
  }
}
