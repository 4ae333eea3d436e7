import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import {
  encodeFrame,
  type Frame,
  PROTOCOL_HEADERS,
} from '../../../src/network/amqp/codec/frame.ts';
import { FrameReader } from '../../../src/network/amqp/codec/frame-reader.ts';
import type { Performative } from '../../../src/network/amqp/codec/performatives.ts';
import { encodeOpening } from '../../../src/network/amqp/codec/stream-opening.ts';
import { waitUntil } from '../tools/wait-until.ts';

export interface FrameClientOptions {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Announced, and insisted on. */
const MAX_FRAME_BYTES = 65_536;

let count = 0;

/** What arrived, in order: headers, frames, and the end of the TCP half. */
export type Arrival =
  | { readonly kind: 'header'; readonly protocol: 'amqp' | 'sasl' }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'fin' };

/**
 * A client of single frames, for tests: it sends what it is told, right or wrong, and keeps what
 * arrives. It has no state machine, so it can break every rule of the wire contract.
 */
export class FrameClient {
  readonly arrivals: Arrival[] = [];
  readonly #socket: TLSSocket;
  readonly #reader: FrameReader;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.#reader = new FrameReader(MAX_FRAME_BYTES, {
      header: (protocol) => this.arrivals.push({ kind: 'header', protocol }),
      frame: (frame) => this.#arrived(frame),
    });
    socket.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    socket.on('end', () => this.#ended());
    socket.on('error', () => this.#ended());
  }

  /** TLS only; nothing is sent yet. */
  static async connect(options: FrameClientOptions): Promise<FrameClient> {
    const socket = connect({ ...options, ...TLS_OPTIONS });
    const client = new FrameClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  /** SASL EXTERNAL and `open`, done; by default with a container id of its own. */
  static async open(options: FrameClientOptions, containerId?: string): Promise<FrameClient> {
    const client = await FrameClient.connect(options);
    client.raw(PROTOCOL_HEADERS.sasl);
    client.send(0, {
      kind: 'sasl-init',
      mechanism: 'EXTERNAL',
      initialResponse: Buffer.alloc(0),
    });
    await client.received('sasl-outcome');
    client.raw(PROTOCOL_HEADERS.amqp);
    client.send(0, {
      kind: 'open',
      containerId: containerId ?? `frame-client-${(count += 1)}`,
      maxFrameSize: MAX_FRAME_BYTES,
      channelMax: 32_767,
      idleTimeOut: 16_000,
    });
    await client.received('open');
    return client;
  }

  /** Frames of one kind, in order. */
  frames<Kind extends Performative['kind']>(kind: Kind): readonly FrameOf<Kind>[] {
    const found: FrameOf<Kind>[] = [];
    for (const arrival of this.arrivals) {
      if (arrival.kind !== 'frame' || arrival.frame.performative?.kind !== kind) continue;
      found.push(arrival.frame as FrameOf<Kind>);
    }
    return found;
  }

  get isFinished(): boolean {
    return this.arrivals.some(({ kind }) => kind === 'fin');
  }

  /** The n-th frame of the kind, once it is there. */
  async received<Kind extends Performative['kind']>(kind: Kind, n = 1): Promise<FrameOf<Kind>> {
    await waitUntil(`${kind} ${n}`, () => this.frames(kind).length >= n);
    return this.frames(kind)[n - 1]!;
  }

  async finished(): Promise<void> {
    await waitUntil('FIN', () => this.isFinished);
  }

  /** All payload octets so far of transfers, sections included. */
  payload(): Buffer {
    return Buffer.concat(this.frames('transfer').map((frame) => frame.payload));
  }

  raw(octets: Uint8Array): void {
    this.#socket.write(octets);
  }

  send(channel: number, performative: Performative, payload: Uint8Array = EMPTY): void {
    this.#socket.write(encodeFrame(channel, performative, payload.length));
    if (payload.length > 0) this.#socket.write(payload);
  }

  /** A lane of router-stream-protocol.md 3 and 4, up to the reply address; credit may come or not. */
  async lane(channel: number, routingKey: string | undefined, options: LaneOptions = {}) {
    const before = this.frames('attach').length;
    this.send(channel, {
      kind: 'begin',
      nextOutgoingId: 0,
      incomingWindow: options.incomingWindow ?? 64,
      outgoingWindow: 2_147_483_647,
      handleMax: 1,
    });
    this.send(channel, {
      kind: 'attach',
      name: `r${channel}`,
      handle: 0,
      role: true,
      source: { durable: 0, expiryPolicy: 'session-end', timeout: 0, dynamic: true },
      target: {},
    });
    this.send(channel, {
      kind: 'attach',
      name: `s${channel}`,
      handle: 1,
      role: false,
      initialDeliveryCount: 0,
      source: {},
      target: {
        address: routingKey,
        capabilities: options.capabilities ?? ['qd.streaming-deliveries'],
      },
    });
    this.send(channel, {
      kind: 'flow',
      nextIncomingId: 0,
      incomingWindow: options.incomingWindow ?? 64,
      nextOutgoingId: 0,
      outgoingWindow: 2_147_483_647,
      handle: 0,
      deliveryCount: 0,
      linkCredit: 1,
    });
    await this.received('attach', before + 2);
    return this.frames('attach')[before]!.performative.source!.address!;
  }

  /** The opening transfer of router-stream-protocol.md 5. */
  openStream(channel: number, message: { readonly to: string; readonly replyTo: string }): void {
    const payload = encodeOpening({
      ...message,
      correlationId: undefined,
      applicationProperties: new Map([['V', 1]]),
    });
    const deliveryTag = Buffer.from([0, 0, 0, 0]);
    const first = { handle: 1, deliveryId: 0, deliveryTag, messageFormat: 0 };
    this.send(channel, { kind: 'transfer', ...first, settled: false, more: true }, payload);
  }

  octets(channel: number, octets: Uint8Array, more = true): void {
    this.send(channel, { kind: 'transfer', handle: 1, more }, octets);
  }

  /** Asks for a flow and waits for it: the router has done what came before. */
  async roundTrip(channel: number): Promise<void> {
    const before = this.frames('flow').length;
    const window = { nextIncomingId: 0, incomingWindow: 100_000, nextOutgoingId: 1 };
    this.send(channel, { kind: 'flow', ...window, outgoingWindow: 1_000, echo: true });
    await this.received('flow', before + 1);
  }

  end(): void {
    this.#socket.end();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #ended(): void {
    if (!this.isFinished) this.arrivals.push({ kind: 'fin' });
  }

  #arrived(frame: Frame): void {
    if (frame.performative === undefined) return;
    if (frame.performative.kind === 'sasl-outcome') this.#reader.expectHeader();
    this.arrivals.push({ kind: 'frame', frame });
  }
}

export interface LaneOptions {
  readonly incomingWindow?: number;
  readonly capabilities?: readonly string[];
}

type FrameOf<Kind extends Performative['kind']> = Frame & {
  readonly performative: Extract<Performative, { kind: Kind }>;
};

const EMPTY = new Uint8Array(0);

// `allowHalfOpen` is not in the types of node:tls, but is passed on to the socket.
const TLS_OPTIONS = { servername: 'localhost', allowHalfOpen: true };
