import type { Clock } from '../../../core/clock.ts';
import type { GatewayError } from '../../../core/errors.ts';
import { Roster } from '../../../core/roster.ts';
import { Channels } from '../connection/channels.ts';
import {
  AmqpError,
  CONTINUATION_BYTES,
  encodeContinuation,
  encodeFrame,
  type Performative,
  type Transfer,
} from '../codec/codec.ts';
import type { ConnectionFitness } from '../connection/connection-fitness.ts';
import type { FrameOutput } from '../connection/frame-output.ts';
import { IdleLanes } from './idle-lanes.ts';
import { HeldPlaces } from './held-places.ts';
import { Lane } from './lane.ts';
import { LaneLinks } from './lane-links.ts';
import type { LaneHost, LaneOptions } from './lane-options.ts';
import { type FrameSender, SendQueue } from '../connection/send-queue.ts';
import { type SessionHandler, type SessionHost, Session } from '../session/session.ts';
import type { HoldReason, StreamOnWire } from './stream-on-wire.ts';
import { UnacknowledgedCap } from './unacknowledged-cap.ts';

export interface LaneTableOptions {
  readonly clock: Clock;
  readonly creditWaitMs: number;
  readonly openWaitMs: number;
  readonly unackedLimitBytes: number;
  readonly maxFrameBytes: number;
  readonly channelMax: number;
  readonly output: FrameOutput;
  readonly fitness: ConnectionFitness;
  /** See `LaneHost.heardAtMs`. */
  readonly heardAtMs: () => number;
  /** See `LaneHost.doubted`. */
  readonly doubted: (routingKey: string) => void;
  readonly log: (message: string) => void;
  /** The last lane has ended, its farewell included. */
  readonly onIdle: () => void;
  /** The connection cannot go on. */
  readonly fault: (error: AmqpError) => void;
}

/** Of a session that is only opened to be ended. */
const NOBODY: SessionHandler = {
  attached() {},
  flowed() {},
  transferred() {},
  disposed() {},
  detached() {},
  ended() {},
};

/** The sessions and lanes of one connection, and what they share. */
export class LaneTable implements LaneHost, SessionHost {
  readonly clock: Clock;
  readonly creditWaitMs: number;
  readonly openWaitMs: number;
  readonly maxPayloadBytes: number;
  readonly sendQueue: SendQueue;
  readonly cap: UnacknowledgedCap;
  readonly #options: LaneTableOptions;
  readonly #channels: Channels;
  /** By our channel number, until the peer's `end`. */
  readonly #sessions: (Session | undefined)[] = [];
  #sessionCount = 0;
  /** By the peer's channel number, from its `begin` to its `end`. */
  readonly #remote: (Session | undefined)[] = [];
  readonly #lanes = new Roster<Lane>();
  readonly #waitingForCap = new Set<FrameSender>();
  readonly #idle: IdleLanes;
  readonly #held: HeldPlaces;
  #linksMade = 0;

  constructor(options: LaneTableOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.creditWaitMs = options.creditWaitMs;
    this.openWaitMs = options.openWaitMs;
    this.maxPayloadBytes = options.maxFrameBytes - CONTINUATION_BYTES;
    this.sendQueue = new SendQueue(() => options.output.isFull);
    this.cap = new UnacknowledgedCap(options.unackedLimitBytes);
    this.#channels = new Channels(options.channelMax);
    this.#idle = new IdleLanes(options.clock, options.channelMax);
    this.#held = new HeldPlaces(options.clock, options.channelMax);
  }

  get size(): number {
    return this.#lanes.size;
  }

  get sessionCount(): number {
    return this.#sessionCount;
  }

  /** A lane to its routing key, on links that are free or on new ones. Undefined when every channel is in use. */
  open(options: LaneOptions): Lane | undefined {
    const links = this.#idle.take(options.routingKey) ?? this.#attach(options.routingKey);
    if (links === undefined) return undefined;
    const lane = new Lane(links, this, options, (reusable) => {
      entry.remove();
      if (reusable !== undefined) this.#idle.put(reusable);
      if (this.#lanes.size === 0) this.#options.onIdle();
    });
    const entry = this.#lanes.add(lane);
    lane.start();
    return lane;
  }

  /** A session that carries no lane. Undefined when every channel is in use. */
  openSession(): Session | undefined {
    const channel = this.#channels.take();
    if (channel === undefined) {
      // Not for this one, whose router has yet to answer, but for the next.
      this.#idle.dropOldest();
      this.#held.dropOldest();
      return undefined;
    }
    const session = new Session(channel, this);
    this.#sessions[channel] = session;
    this.#sessionCount += 1;
    return session;
  }

  /** Fails the lanes that still wait for credit of the routing key. */
  consumerGone(routingKey: string): void {
    this.#idle.drop(routingKey);
    for (const lane of this.#lanes.items()) lane.consumerGone(routingKey);
  }

  /** Throws AmqpError for a frame that belongs to no session. */
  received(remoteChannel: number, body: Performative, payload: Buffer): void {
    if (body.kind === 'begin') this.#begun(remoteChannel, body.remoteChannel);
    const session = this.#remote[remoteChannel];
    if (session === undefined) {
      throw new AmqpError(
        'amqp:not-allowed',
        `${body.kind} on channel ${remoteChannel}, not begun`,
      );
    }
    if (body.kind === 'end') this.#remote[remoteChannel] = undefined;
    session.handle(body, payload);
  }

  /** The connection is gone: every lane fails, nothing is sent. */
  lost(reason: string): void {
    this.#idle.clear();
    this.#held.clear();
    for (const session of this.#sessions) session?.abandon();
    for (const lane of this.#lanes.items()) lane.connectionLost(reason);
    this.#sessions.length = 0;
    this.#sessionCount = 0;
    this.#remote.length = 0;
  }

  /** Every lane ends with this error, and says so to the router; nothing more is said after that. */
  destroy(error: GatewayError): void {
    this.#idle.clear();
    this.#held.clear();
    for (const lane of this.#lanes.items()) lane.destroy(error);
  }

  hold(stream: StreamOnWire, reason: HoldReason): void {
    this.#held.hold(stream, reason);
  }

  laneOpened(): void {
    this.#options.fitness.opened();
  }

  openingTimedOut(): void {
    this.#options.fitness.timedOut();
  }

  doubted(routingKey: string): void {
    this.#options.doubted(routingKey);
  }

  /** A session that ends as soon as the router has begun it, which it does whatever its applications do. */
  askForLife(): void {
    const session = this.openSession();
    session?.begin(NOBODY);
    session?.end();
  }

  heardAtMs(): number {
    return this.#options.heardAtMs();
  }

  sessionClosed(session: Session): void {
    this.#sessions[session.channel] = undefined;
    this.#sessionCount -= 1;
    this.#channels.free(session.channel);
  }

  waitForCap(sender: FrameSender): void {
    this.#waitingForCap.add(sender);
  }

  forget(sender: FrameSender): void {
    this.#waitingForCap.delete(sender);
    this.sendQueue.remove(sender);
  }

  capReleased(): void {
    if (this.#waitingForCap.size === 0) return;
    const waiting = [...this.#waitingForCap];
    this.#waitingForCap.clear();
    for (const sender of waiting) this.sendQueue.add(sender);
  }

  sendFrame(channel: number, body: Performative): void {
    this.#write(encodeFrame(channel, body));
  }

  sendOpening(channel: number, transfer: Transfer, payload: Buffer): void {
    this.#write(encodeFrame(channel, transfer, payload.length), payload);
  }

  // oxlint-disable-next-line max-params -- once per frame of every stream: an options object would be an allocation each
  sendContinuation(
    channel: number,
    handle: number,
    more: boolean,
    payload: readonly Uint8Array[],
    payloadLength: number,
  ): void {
    this.#write(encodeContinuation(channel, handle, more, payloadLength), ...payload);
  }

  log(message: string): void {
    this.#options.log(message);
  }

  #attach(routingKey: string): LaneLinks | undefined {
    const session = this.openSession();
    if (session === undefined) return undefined;
    const links = new LaneLinks(session, routingKey, (ended) => this.#idle.remove(ended));
    links.start(`fairlead.${this.#linksMade}`);
    this.#linksMade += 1;
    return links;
  }

  #begun(remoteChannel: number, channel: number | undefined): void {
    const session = channel === undefined ? undefined : this.#sessions[channel];
    if (session === undefined || this.#remote[remoteChannel] !== undefined) {
      throw new AmqpError('amqp:not-allowed', `begin of channel ${remoteChannel} for ${channel}`);
    }
    this.#remote[remoteChannel] = session;
  }

  #write(...parts: readonly Uint8Array[]): void {
    try {
      for (const part of parts) this.#options.output.write(part);
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error;
      this.#options.fault(error);
    }
  }
}
