import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AmqpError, CONDITIONS } from '../../../../../src/network/amqp/codec/amqp-error.ts';
import {
  type Frame,
  CONTINUATION_BYTES,
  encodeContinuation,
  encodeFrame,
  PROTOCOL_HEADERS,
} from '../../../../../src/network/amqp/codec/frame.ts';
import { FrameReader } from '../../../../../src/network/amqp/codec/frame-reader.ts';
import { OpeningReader } from '../../../../../src/network/amqp/codec/stream-opening.ts';
import { completeLines } from './recordings.ts';
import { summarize } from './summary.ts';

const HEADER = PROTOCOL_HEADERS.amqp;
const lines = completeLines();
const frames = lines.filter((line) => line.summary['header'] === undefined);

function framesOf(chunks: readonly Buffer[], maxFrameBytes = 65_536): Frame[] {
  const found: Frame[] = [];
  const reader = new FrameReader(maxFrameBytes, {
    header: () => {},
    frame: (frame) => found.push(frame),
  });
  for (const chunk of [HEADER, ...chunks]) reader.push(chunk);
  return found;
}

const frameOf = (octets: Buffer): Frame => framesOf([octets])[0]!;

test('decodes every complete frame of the recordings to what its summary says', () => {
  assert.ok(frames.length > 600);

  for (const line of frames) {
    const frame = frameOf(line.octets);

    const { ch, payload_len: length, message: _m, raw: _r, raw_len: _l, ...body } = line.summary;
    const place = `${line.file} line ${line.n}`;
    assert.equal(frame.channel, ch, place);
    if (frame.performative === undefined) {
      assert.equal(line.octets.length, 8, place);
      continue;
    }
    assert.deepEqual(summarize(frame.performative), body, place);
    assert.equal(frame.payload.length, length ?? 0, place);
  }
});

test('decodes to the same value again what it encodes, the payload untouched', () => {
  for (const line of frames) {
    const frame = frameOf(line.octets);
    if (frame.performative === undefined) continue;

    const head = encodeFrame(frame.channel, frame.performative, frame.payload.length);
    const again = frameOf(Buffer.concat([head, frame.payload]));

    assert.deepEqual(again, frame, `${line.file} line ${line.n}`);
  }
});

test('encodes a continuation octet for octet as the contract shows it', () => {
  const recorded = Buffer.from('0000003302000000005314c00806520140404040', 'hex');

  const more = encodeContinuation(0, 1, true, 30);
  const last = encodeContinuation(0, 1, false, 0);

  assert.equal(more.length, CONTINUATION_BYTES);
  assert.deepEqual(more, Buffer.concat([recorded, Buffer.from([0x41])]));
  assert.equal(last.toString('hex'), '0000001502000000005314c0080652014040404042');
});

test('finds the same frames however the octets are cut', () => {
  const stream = Buffer.concat(frames.slice(0, 40).map((line) => line.octets));
  const whole = framesOf([stream]);

  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 })), (cuts) => {
      const places = [0, ...new Set(cuts), stream.length].sort((a, b) => a - b);
      const chunks = places.slice(1).map((end, i) => stream.subarray(places[i], end));

      assert.deepEqual(framesOf(chunks), whole);
    }),
    { numRuns: 50 },
  );
});

test('gives the payload of a frame within one chunk as a view', () => {
  const payload = Buffer.from('payload');
  const octets = Buffer.concat([encodeContinuation(3, 0, true, payload.length), payload]);

  const frame = frameOf(octets);

  assert.equal(frame.payload.buffer, octets.buffer);
  assert.deepEqual(frame.payload, payload);
});

test('refuses a frame above the maximum before it is there', () => {
  const head = Buffer.from('0001000102000000', 'hex');

  assert.throws(
    () => framesOf([head]),
    new AmqpError(
      'amqp:connection:framing-error',
      'frame of 65537 octets, at most 65536 are allowed',
    ),
  );
});

test('skips a frame body that it does not know', () => {
  const unknown = Buffer.from('000000140200000000a3036162634500000000'.padEnd(40, '0'), 'hex');

  assert.equal(frameOf(unknown).performative?.kind, 'unknown');
});

test('throws registered conditions and nothing else for mutated recordings', () => {
  const mutation = fc.record({
    line: fc.nat(lines.length - 1),
    places: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    cut: fc.option(fc.nat(400)),
  });

  fc.assert(
    fc.property(mutation, ({ line, places, cut }) => {
      const octets = Buffer.from(lines[line]!.octets);
      for (const [place, value] of places) octets[place % octets.length] = value;
      if (cut !== null && cut < octets.length && cut >= 4) octets.writeUInt32BE(cut, 0);

      onlyAmqpErrors(() => {
        for (const frame of framesOf([octets])) new OpeningReader().push(frame.payload);
      });
    }),
    { numRuns: 5000 },
  );
});

test('throws registered conditions and nothing else for frames of random values', () => {
  fc.assert(
    fc.property(fc.nat(0x44), fc.uint8Array({ maxLength: 200 }), (code, body) => {
      const head = Buffer.from([0, 0, 0, body.length + 11, 2, 0, 0, 0, 0, 0x53, code]);

      onlyAmqpErrors(() => framesOf([Buffer.concat([head, body])]));
    }),
    { numRuns: 3000 },
  );
});

function onlyAmqpErrors(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof AmqpError)) throw error;
    assert.ok(CONDITIONS.includes(error.condition));
  }
}
