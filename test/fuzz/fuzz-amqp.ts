import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AmqpError } from '../../src/network/amqp/codec/amqp-error.ts';
import { PROTOCOL_HEADERS } from '../../src/network/amqp/codec/frame.ts';
import { FrameReader } from '../../src/network/amqp/codec/frame-reader.ts';
import { OpeningReader } from '../../src/network/amqp/codec/stream-opening.ts';
import { decodeAddressChange } from '../../src/network/amqp/codec/tracking-message.ts';
import { answerConnectionWith } from './fuzzed-connection.ts';
import { Mutator } from './mutator.ts';

// Random and mutated recordings into every decoder of what routers send. Only AmqpError may come out:
// its conditions are those of the specification. `--seed` repeats a run.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const FIXTURES = ['../fixtures/amqp/', '../fixtures/amqp-edge/'].map(
  (path) => new URL(path, import.meta.url),
);
const RUN_MS = Number(values.minutes) * 60_000;
const REPORT_MS = 60_000;
const MAX_FRAME_BYTES = 65_536;
/** One input may not take longer: a decoder must be linear. */
const SLOW_MS = 250;
const BATCH = 500;
/** A connection of its own costs as much as some hundred decoded inputs. */
const CONNECTIONS_PER_BATCH = 5;

const frames = corpus();
const DECODERS = decoders();
const mutator = new Mutator(Number(values.seed), frames);
const seen = new Map<string, number>();
let inputs = 0;
let slowestMs = 0;
const startMs = performance.now();
let reportedMs = startMs;

console.log(`fuzz:amqp, seed ${values.seed}, ${frames.length} recorded frames`);
while (performance.now() - startMs < RUN_MS) {
  for (let index = 0; index < BATCH; index += 1) one();
  for (let index = 0; index < CONNECTIONS_PER_BATCH; index += 1) await connection();
  if (performance.now() - reportedMs > REPORT_MS) report();
}
report();

function one(): void {
  const input = mutator.next();
  inputs += 1;
  const beganMs = performance.now();
  for (const [name, decode] of DECODERS) {
    try {
      decode(input);
      note(`${name} ok`);
    } catch (error) {
      if (!(error instanceof AmqpError)) return fail(name, input, error);
      note(`${name} ${error.condition}`);
    }
  }
  const tookMs = performance.now() - beganMs;
  slowestMs = Math.max(slowestMs, tookMs);
  // A busy machine is slow now and then; a decoder that is not linear is slow each time.
  if (tookMs > SLOW_MS && !isQuickAgain(input)) fail('all', input, new Error(`took ${tookMs} ms`));
}

function isQuickAgain(input: Buffer): boolean {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const beganMs = performance.now();
    for (const [, decode] of DECODERS) {
      try {
        decode(input);
      } catch {
        // Judged already.
      }
    }
    if (performance.now() - beganMs < SLOW_MS) return true;
  }
  return false;
}

async function connection(): Promise<void> {
  const input = mutator.next();
  inputs += 1;
  try {
    note(`connection ${await answerConnectionWith(input)}`);
  } catch (error) {
    fail('connection', input, error);
  }
}

type Decode = (input: Buffer) => void;

function decoders(): readonly (readonly [name: string, decode: Decode])[] {
  return [
    ['frames', (input) => read(input, [input])],
    ['frames in pieces', (input) => read(input, mutator.pieces(input))],
    ['opening', (input) => void new OpeningReader().push(input)],
    ['opening in pieces', (input) => inPieces(new OpeningReader(), mutator.pieces(input))],
    ['tracking', (input) => void decodeAddressChange(input)],
  ];
}

function inPieces(reader: OpeningReader, pieces: readonly Buffer[]): void {
  for (const piece of pieces) if (reader.push(piece) !== undefined) return;
}

function read(input: Buffer, pieces: readonly Buffer[]): void {
  let payloadBytes = 0;
  const reader = new FrameReader(MAX_FRAME_BYTES, {
    header: () => {},
    frame: ({ payload }) => (payloadBytes += payload.length),
  });
  reader.push(PROTOCOL_HEADERS.amqp);
  for (const piece of pieces) reader.push(piece);
  if (payloadBytes > input.length) throw new Error('more payload than octets');
}

function note(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

function report(): void {
  reportedMs = performance.now();
  const minutes = Math.round((reportedMs - startMs) / 6_000) / 10;
  const rssMb = Math.round(process.memoryUsage.rss() / 1024 / 1024);
  const counts = Object.fromEntries([...seen].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  console.log(JSON.stringify({ minutes, inputs, slowestMs: Math.round(slowestMs), rssMb, counts }));
}

function fail(decoder: string, input: Buffer, error: unknown): never {
  console.error(`FAIL ${decoder}, seed ${values.seed}, input ${inputs}: ${input.toString('hex')}`);
  console.error(error);
  process.exit(1);
}

/** Everything recorded, of both directions, and the messages within by themselves. */
function corpus(): Buffer[] {
  const recorded = FIXTURES.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n')),
  )
    .filter((line) => line !== '')
    .map((line) => Buffer.from((JSON.parse(line) as { hex?: string }).hex ?? '', 'hex'))
    .filter((frame) => frame.length >= 8);
  return [...recorded, ...recorded.flatMap(payloadOf)];
}

/** Frames that were cut in the file have none. */
function payloadOf(frame: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  const reader = new FrameReader(MAX_FRAME_BYTES, {
    header: () => {},
    frame: ({ payload }) => payloads.push(Buffer.from(payload)),
  });
  try {
    reader.push(PROTOCOL_HEADERS.amqp);
    reader.push(frame);
  } catch {
    return [];
  }
  return payloads.filter((payload) => payload.length > 0);
}
