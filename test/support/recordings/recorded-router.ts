import { type Duplex, duplexPair } from 'node:stream';
import { AmqpConnection } from '../../../src/network/amqp/connection/connection.ts';
import {
  encodeFrame,
  type Frame,
  PROTOCOL_HEADERS,
} from '../../../src/network/amqp/codec/frame.ts';
import { FrameReader } from '../../../src/network/amqp/codec/frame-reader.ts';
import type { Attach, Performative } from '../../../src/network/amqp/codec/performatives.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { FrameRow, Row } from './recording.ts';
import { Transcript } from './transcript.ts';

interface ClientLane {
  readonly channel: number;
  /** Attaches by their role, for the names the answers must carry. */
  readonly attaches: Map<boolean, Attach>;
  heardTransfers: number;
  saidTransfers: number;
  /** Transfers the client takes before its next flow. */
  window: number;
}

/**
 * The router's side of a recording, said to our client over a pair of streams. Names, channels and ids
 * are made to fit the client's own; everything else is as recorded.
 */
export class RecordedRouter {
  readonly connection: AmqpConnection;
  /** What the client says. */
  readonly heard = new Transcript();
  readonly said = new Transcript();
  isConnectionLost = false;
  readonly #socket: Duplex;
  readonly #reader: FrameReader;
  readonly #lanes: ClientLane[] = [];
  readonly #byChannel = new Map<number, ClientLane>();

  constructor(clock: Clock) {
    const [ours, theirs] = duplexPair();
    this.#socket = theirs;
    this.#reader = new FrameReader(16_384, {
      header: (protocol) => this.heard.header(protocol),
      frame: (frame) => this.#hear(frame),
    });
    theirs.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    this.connection = new AmqpConnection({
      socket: ours,
      containerId: 'recorded',
      version: 'test',
      clock,
      creditWaitMs: 3_000,
      openWaitMs: 5_000,
      unackedLimitBytes: 3 * 1024 * 1024,
      log: () => undefined,
      onOpen: () => undefined,
      onClose: () => (this.isConnectionLost = true),
    });
    this.connection.start();
  }

  /** False while the client's session window or the octet window has no room for the row. */
  maySay(row: FrameRow): boolean {
    if (row.performative.kind !== 'transfer') return true;
    const { lane, delivery } = this.said.position(row.channel);
    const outstanding = this.said.octets(lane, delivery) - this.heard.receivedOffset(lane);
    return this.#lanes[lane]!.window > 1 && outstanding <= OCTET_WINDOW;
  }

  say(row: Row): void {
    if (row.kind === 'header') this.#socket.write(PROTOCOL_HEADERS[row.protocol]);
    if (row.kind === 'fin') this.#socket.end();
    if (row.kind === 'frame') this.#sayFrame(row);
  }

  #sayFrame(row: FrameRow): void {
    const { channel } = row;
    if (!row.performative.kind.startsWith('sasl-')) this.said.frame(row);
    for (const part of transfersOf(row)) this.#write(channel, part.performative, part.payload);
    if (row.performative.kind === 'sasl-outcome') this.#reader.expectHeader();
  }

  #write(channel: number, performative: Performative, payload: Buffer): void {
    this.#socket.write(encodeFrame(channel, this.#adapted(channel, performative), payload.length));
    if (payload.length > 0) this.#socket.write(payload);
  }

  #adapted(channel: number, performative: Performative): Performative {
    if (performative.kind === 'sasl-mechanisms') return { ...performative, mechanisms: EXTERNAL };
    const lane = this.#lanes[this.said.position(channel).lane];
    if (lane === undefined) return performative;
    if (performative.kind === 'begin') return { ...performative, remoteChannel: lane.channel };
    if (performative.kind === 'attach') {
      return { ...performative, name: lane.attaches.get(!performative.role)!.name };
    }
    if (performative.kind === 'flow') {
      const { heardTransfers: nextIncomingId, saidTransfers: nextOutgoingId } = lane;
      return { ...performative, nextIncomingId, nextOutgoingId };
    }
    if (performative.kind === 'transfer') {
      lane.saidTransfers += 1;
      lane.window -= 1;
    }
    return performative;
  }

  #hear(frame: Frame): void {
    const { channel, performative, payload } = frame;
    if (performative === undefined) return;
    this.heard.frame({ channel, performative, payload });
    if (performative.kind === 'begin') this.#begin(channel, performative.incomingWindow);
    const lane = this.#byChannel.get(channel);
    if (lane === undefined) return;
    if (performative.kind === 'attach') lane.attaches.set(performative.role, performative);
    if (performative.kind === 'transfer') lane.heardTransfers += 1;
    if (performative.kind !== 'flow') return;
    lane.window = (performative.nextIncomingId ?? 0) + performative.incomingWindow;
    lane.window -= lane.saidTransfers;
  }

  #begin(channel: number, window: number): void {
    const attaches = new Map<boolean, Attach>();
    const lane = { channel, attaches, heardTransfers: 0, saidTransfers: 0, window };
    this.#lanes.push(lane);
    this.#byChannel.set(channel, lane);
  }
}

const FULL_PAYLOAD = 65_400;
const EXTERNAL = ['EXTERNAL'];
/** The recorded routers stop at 1,042,432 octets and what the last buffers add. */
const OCTET_WINDOW = 1_042_432;

/** Our encoder's lists are some octets longer than a router's, so a full frame becomes two. */
function transfersOf({ performative, payload }: FrameRow): readonly Part[] {
  if (performative.kind !== 'transfer' || payload.length <= FULL_PAYLOAD) {
    return [{ performative, payload }];
  }
  return [
    { performative: { ...performative, more: true }, payload: payload.subarray(0, FULL_PAYLOAD) },
    { performative, payload: payload.subarray(FULL_PAYLOAD) },
  ];
}

type Part = Pick<FrameRow, 'performative' | 'payload'>;
