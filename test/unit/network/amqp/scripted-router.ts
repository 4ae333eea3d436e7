import { type Duplex, duplexPair } from 'node:stream';
import { AmqpConnection } from '../../../../src/network/amqp/connection/connection.ts';
import {
  type Frame,
  EMPTY_FRAME,
  encodeFrame,
  PROTOCOL_HEADERS,
} from '../../../../src/network/amqp/codec/frame.ts';
import { FrameReader } from '../../../../src/network/amqp/codec/frame-reader.ts';
import type * as Body from '../../../../src/network/amqp/codec/performatives.ts';
import { encodeOpening } from '../../../../src/network/amqp/codec/stream-opening.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';

type Kind = Body.Performative['kind'];
type Received<K extends Kind> = Frame & {
  readonly performative: Extract<Body.Performative, { kind: K }>;
};

const BOUND_MS = 2_000;
const EMPTY_EVERY_MS = 4_000;

/** Waits for a condition, not for a time; gives up after two seconds. */
export async function until(condition: () => boolean, what = 'condition'): Promise<void> {
  const endMs = performance.now() + BOUND_MS;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets everything that is already on its way arrive. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export interface ScriptedOptions {
  readonly mechanisms?: readonly string[];
  readonly outcome?: number;
  readonly open?: Partial<Body.Open>;
  readonly unackedLimitBytes?: number;
  readonly routingKeys?: ReadonlySet<string>;
}

/** The router's end of one connection: it answers the handshake, and after that what a test says. */
export class ScriptedRouter {
  readonly clock = new FakeClock();
  readonly frames: Frame[] = [];
  readonly logged: string[] = [];
  readonly connection: AmqpConnection;
  readonly socket: Duplex;
  closedBecause: string | undefined;
  isPeerGone = false;
  doubts = 0;
  readonly #options: ScriptedOptions;
  readonly #reader: FrameReader;

  constructor(options: ScriptedOptions = {}) {
    const [ours, theirs] = duplexPair();
    this.#options = options;
    this.socket = theirs;
    this.#reader = new FrameReader(65_536, {
      header: (protocol) => this.#header(protocol),
      frame: (frame) => this.#frame(frame),
    });
    theirs.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    theirs.on('end', () => (this.isPeerGone = true));
    this.connection = new AmqpConnection({
      socket: ours,
      containerId: 'gateway-1',
      version: '0.1.0',
      clock: this.clock,
      creditWaitMs: 3_000,
      openWaitMs: 5_000,
      routingKeys: options.routingKeys,
      unackedLimitBytes: options.unackedLimitBytes ?? 3 * 1024 * 1024,
      log: (message) => this.logged.push(message),
      onOpen: () => {},
      onDoubt: () => (this.doubts += 1),
      onClose: (reason) => (this.closedBecause = reason),
    });
    this.connection.start();
  }

  async opened(): Promise<this> {
    await until(() => this.connection.isOpen, 'open');
    return this;
  }

  send(channel: number, body: Body.Performative, payload: Buffer = Buffer.alloc(0)): void {
    this.socket.write(Buffer.concat([encodeFrame(channel, body, payload.length), payload]));
  }

  all<K extends Kind>(kind: K, channel?: number): Received<K>[] {
    return this.frames.filter(
      (frame): frame is Received<K> =>
        frame.performative?.kind === kind && (channel === undefined || frame.channel === channel),
    );
  }

  async received<K extends Kind>(kind: K, count = 1, channel?: number): Promise<Received<K>> {
    await until(() => this.all(kind, channel).length >= count, `${count} × ${kind}`);
    return this.all(kind, channel)[count - 1]!;
  }

  /** Answers begin and both attaches of the lane on the channel. */
  async attach(channel = 0, incomingWindow = 512): Promise<void> {
    await this.received('flow', 1, channel);
    this.begin(channel, incomingWindow);
    for (const { performative: attach } of this.all('attach', channel)) {
      const source = attach.role ? { ...attach.source, address: replyTo(channel) } : attach.source;
      this.send(channel, { ...attach, role: !attach.role, source });
    }
  }

  begin(channel: number, incomingWindow = 512): void {
    const begin = { nextOutgoingId: 0, incomingWindow, outgoingWindow: 0x7fff_ffff };
    this.send(channel, { kind: 'begin', remoteChannel: channel, ...begin });
  }

  credit(channel = 0): void {
    this.flow(channel, 512, 0, { handle: 1, deliveryCount: 0, linkCredit: 250 });
  }

  flow(channel: number, incomingWindow: number, nextIncomingId: number, rest: object = {}): void {
    const ids = { nextIncomingId, nextOutgoingId: 0, outgoingWindow: 0x7fff_ffff };
    this.send(channel, { kind: 'flow', incomingWindow, ...ids, ...rest });
  }

  /** Time in which the router sends an empty frame now and then, as a living one does. */
  async lives(forMs: number): Promise<void> {
    for (let left = forMs; left > 0; left -= EMPTY_EVERY_MS) {
      this.socket.write(EMPTY_FRAME);
      await quiet();
      this.clock.advance(Math.min(left, EMPTY_EVERY_MS));
    }
  }

  /** The response opening, with the first octets. */
  answer(channel = 0, octets = '', fields: Partial<Body.Transfer> = {}): void {
    const opening = encodeOpening({
      to: replyTo(channel),
      replyTo: undefined,
      correlationId: undefined,
      applicationProperties: new Map([['V', 1]]),
    });
    this.transfer(channel, Buffer.concat([opening, Buffer.from(octets)]), fields);
  }

  transfer(channel: number, payload: Buffer | string, fields: Partial<Body.Transfer> = {}): void {
    const tag = Buffer.alloc(8, 1);
    const base = { kind: 'transfer', handle: 0, deliveryId: 0, deliveryTag: tag } as const;
    this.send(channel, { ...base, more: true, ...fields }, Buffer.from(payload));
  }

  outcome(channel: number, state: Body.DeliveryState, settled?: boolean): void {
    this.send(channel, { kind: 'disposition', role: true, first: 0, settled, state });
  }

  end(channel = 0, error?: Body.ErrorValue): void {
    this.send(channel, { kind: 'end', error });
  }

  /** Request octets received on the channel, sections left out. */
  octets(channel = 0): Buffer {
    const transfers = this.all('transfer', channel).slice(1);
    return Buffer.concat(transfers.map((frame) => frame.payload));
  }

  #header(protocol: 'amqp' | 'sasl'): void {
    this.socket.write(PROTOCOL_HEADERS[protocol]);
    if (protocol === 'amqp') return this.send(0, this.#open());
    const mechanisms = this.#options.mechanisms ?? ['EXTERNAL'];
    this.send(0, { kind: 'sasl-mechanisms', mechanisms });
  }

  #frame(frame: Frame): void {
    this.frames.push(frame);
    if (frame.performative?.kind !== 'sasl-init') return;
    this.#reader.expectHeader();
    this.send(0, { kind: 'sasl-outcome', code: this.#options.outcome ?? 0 });
  }

  #open(): Body.Open {
    return {
      kind: 'open',
      containerId: 'A',
      maxFrameSize: 16_384,
      channelMax: 32_767,
      idleTimeOut: 8_000,
      properties: new Map([
        ['product', 'skupper-router'],
        ['version', '3.5.1'],
      ]),
      ...this.#options.open,
    };
  }
}

export function replyTo(channel: number): string {
  return `amqp:/_topo/0/A/temp.lane${channel}`;
}
