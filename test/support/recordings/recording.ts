import { readFileSync } from 'node:fs';
import { encodeFrame, type Frame } from '../../../src/network/amqp/codec/frame.ts';
import { FrameReader } from '../../../src/network/amqp/codec/frame-reader.ts';
import type { Performative } from '../../../src/network/amqp/codec/performatives.ts';
import { performativeOf, sectionsOf, type Summary } from './recording-summary.ts';

/** One line of test/fixtures/amqp: what went over the wire, with cut payloads filled up again. */
export type Row = { readonly n: number; readonly direction: 'C>R' | 'R>C' } & (
  | { readonly kind: 'header'; readonly protocol: 'amqp' | 'sasl' }
  | {
      readonly kind: 'frame';
      readonly channel: number;
      readonly performative: Performative;
      readonly payload: Buffer;
    }
  | { readonly kind: 'empty' }
  | { readonly kind: 'fin' }
);

export type FrameRow = Extract<Row, { kind: 'frame' }>;

interface Line {
  readonly n: number;
  readonly dir: 'C>R' | 'R>C';
  readonly len?: number;
  readonly hex?: string;
  readonly hex_truncated?: boolean;
  readonly sum: Summary;
}

const FOLDER = new URL('../../fixtures/amqp/', import.meta.url);

/** The rows of one recording, in order. */
export function readRecording(name: string): readonly Row[] {
  return linesOf(name).map(rowOf);
}

/** Whole frames with what the recorder's own decoder said of them: two decoders to compare. */
export function wholeFrames(name: string): readonly { frame: FrameRow; summary: Summary }[] {
  return linesOf(name)
    .filter((line) => line.hex_truncated !== true)
    .map((line) => ({ frame: rowOf(line), summary: line.sum }))
    .filter((it): it is { frame: FrameRow; summary: Summary } => it.frame.kind === 'frame');
}

function linesOf(name: string): readonly Line[] {
  const text = readFileSync(new URL(`${name}.jsonl`, FOLDER), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function rowOf(line: Line): Row {
  const { n, dir: direction, sum } = line;
  if (sum.header !== undefined) {
    return { n, direction, kind: 'header', protocol: sum.header === 'SASL' ? 'sasl' : 'amqp' };
  }
  if (sum.tcp === 'FIN') return { n, direction, kind: 'fin' };
  if (sum.empty !== undefined) return { n, direction, kind: 'empty' };
  const frame = line.hex_truncated === true ? filledUp(line) : decoded(line.hex!);
  const { channel, performative, payload } = frame;
  return { n, direction, kind: 'frame', channel, performative: performative!, payload };
}

/** A cut frame, made again from its summary: payload octets are repeated to their recorded length. */
function filledUp(line: Line): Frame {
  const { sum } = line;
  const performative = performativeOf(sum);
  const sections = sectionsOf(sum);
  const length = (sum.payload_len ?? 0) - sections.length;
  const payload = Buffer.concat([sections, Buffer.alloc(length, sum.raw?.[0] ?? '')]);
  const octets = Buffer.concat([encodeFrame(sum.ch!, performative, payload.length), payload]);
  return decoded(octets.toString('hex'));
}

function decoded(hex: string): Frame {
  const frames: Frame[] = [];
  const sink = { header: () => undefined, frame: (frame: Frame) => void frames.push(frame) };
  const reader = new FrameReader(1 << 20, sink);
  reader.push(Buffer.from('414d515000010000', 'hex'));
  reader.push(Buffer.from(hex, 'hex'));
  return frames[0]!;
}
