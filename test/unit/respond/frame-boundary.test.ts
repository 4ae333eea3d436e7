import assert from 'node:assert/strict';
import type { Writable } from 'node:stream';
import { test } from 'node:test';
import * as fc from 'fast-check';
import * as ws from 'ws';
import { FrameBoundary } from '../../../src/respond/frame-boundary.ts';
import { GRPC_FRAMING } from '../../../src/respond/grpc-framing.ts';
import { closeFrame, WEBSOCKET_FRAMING } from '../../../src/respond/websocket-framing.ts';

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(0, 125, 126, 65_535, 65_536, 70_000),
);

/** The library exports its two halves; its types do not. */
const { Receiver, Sender } = ws as unknown as {
  readonly Sender: { frame(payload: Buffer, options: object): Buffer[] };
  readonly Receiver: new (options: object) => Writable;
};

/** A frame as the library `ws` writes it. */
function webSocketFrame(size: number, opcode: number): Buffer {
  return Buffer.concat(
    Sender.frame(Buffer.alloc(size, 0x88), {
      fin: true,
      rsv1: false,
      opcode,
      mask: false,
      readOnly: true,
    }),
  );
}

function grpcMessage(size: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(size, 1);
  return Buffer.concat([prefix, Buffer.alloc(size, 0xff)]);
}

for (const [name, framing, frameOf] of [
  ['WebSocket', WEBSOCKET_FRAMING, (size: number) => webSocketFrame(size, 2)],
  ['gRPC', GRPC_FRAMING, grpcMessage],
] as const) {
  test(`a ${name} stream is at a boundary where a frame has ended, and nowhere else`, () => {
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 5 }), fc.array(sizes), (frames, cuts) => {
        const octets = frames.map(frameOf);
        const stream = Buffer.concat(octets);
        const ends = new Set([0]);
        let end = 0;
        for (const each of octets) ends.add((end += each.length));
        const boundary = new FrameBoundary(framing);

        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          boundary.take(stream.subarray(at, at + cut));
          at = Math.min(at + cut, stream.length);

          assert.equal(boundary.isAtBoundary, ends.has(at), `at ${at}`);
        }
      }),
    );
  });
}

test('octet by octet it is the same', () => {
  const stream = Buffer.concat([webSocketFrame(126, 1), webSocketFrame(70_000, 2)]);
  const boundary = new FrameBoundary(WEBSOCKET_FRAMING);

  const ends = [...stream].flatMap((octet, at) => {
    boundary.take(Buffer.of(octet));
    return boundary.isAtBoundary ? [at + 1] : [];
  });

  assert.deepEqual(ends, [130, stream.length]);
});

test('behind a Close frame, and behind what is no frame, there is no boundary any more', () => {
  const hugeLength = Buffer.from([0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]);
  const strange: readonly [typeof GRPC_FRAMING, Buffer][] = [
    [WEBSOCKET_FRAMING, webSocketFrame(2, 8)],
    [WEBSOCKET_FRAMING, hugeLength],
    [GRPC_FRAMING, Buffer.from([2, 0, 0, 0, 0])],
  ];

  for (const [framing, octets] of strange) {
    const boundary = new FrameBoundary(framing);
    boundary.take(octets);
    boundary.take(Buffer.alloc(1000));

    assert.equal(boundary.isAtBoundary, false);
  }
});

test('a close frame is one that a client of WebSocket reads', async () => {
  const receiver = new Receiver({ isServer: false });
  const read = new Promise((resolve) => {
    receiver.on('conclude', (...close: unknown[]) => resolve(close.map(String)));
  });

  receiver.write(closeFrame(1008, 'The login has ended.'));

  assert.deepEqual(await read, ['1008', 'The login has ended.']);
});

test('a reason too long for a control frame is cut', () => {
  const frame = closeFrame(1008, 'x'.repeat(500));

  assert.equal(frame.length, 127);
  assert.equal(frame[1], 125);
});
