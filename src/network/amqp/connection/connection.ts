import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import { GatewayError } from '../../../core/errors.ts';
import {
  AmqpError,
  type Frame,
  EMPTY_FRAME,
  encodeFrame,
  FrameReader,
  type ErrorValue,
  type Open,
} from '../codec/codec.ts';
import { ConnectionFitness } from './connection-fitness.ts';
import { FrameOutput } from './frame-output.ts';
import { CHANNEL_MAX, ConnectionHandshake, MAX_FRAME_BYTES } from './connection-handshake.ts';
import { Keepalive } from './keepalive.ts';
import type { LaneOptions } from '../lane/lane-options.ts';
import { LaneTable } from '../lane/lane-table.ts';
import { Refusals } from '../lane/refusals.ts';
import { type RouterIdentity, hasReleaseVersion, identifyRouter } from './router-identity.ts';
import { ServiceWatch } from '../watch/service-watch.ts';
import { describe } from '../session/session.ts';
import type { Reachability } from '../watch/watched-key.ts';

export interface ConnectionOptions {
  /** Connected and, over TLS, verified. The connection owns it. */
  readonly socket: Duplex;
  /** Unique per connection: a router drops the older of two with one id. */
  readonly containerId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly creditWaitMs: number;
  readonly openWaitMs: number;
  readonly unackedLimitBytes: number;
  /** Routing keys whose consumers are watched. Undefined: none, and no session is spent on it. */
  readonly routingKeys?: ReadonlySet<string> | undefined;
  readonly log: (message: string) => void;
  readonly onOpen: (router: RouterIdentity) => void;
  /** The last lane has ended. */
  readonly onIdle?: () => void;
  /** The router may stand still: what can should go another way. */
  readonly onDoubt?: () => void;
  /** Called once, whatever ended it; all lanes have failed by then. */
  readonly onClose: (reason: string) => void;
}

type State = 'opening' | 'open' | 'closing' | 'closed';

const SMALLEST_MAX_FRAME = 512;

/** One AMQP connection to a router, and the lanes on it. */
export class AmqpConnection {
  readonly #options: ConnectionOptions;
  readonly #output: FrameOutput;
  readonly #reader: FrameReader;
  readonly #handshake: ConnectionHandshake;
  readonly #fitness: ConnectionFitness;
  #keepalive: Keepalive | undefined;
  #lanes: LaneTable | undefined;
  #watch: ServiceWatch | undefined;
  #timer: Timer | undefined;
  #state: State = 'opening';
  readonly #refusals: Refusals;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.clock);
    this.#fitness = new ConnectionFitness(options.clock, () => options.onDoubt?.());
    this.#output = new FrameOutput(options.socket, () => this.#lanes?.sendQueue.pump());
    this.#reader = new FrameReader(MAX_FRAME_BYTES, {
      header: (protocol) => this.#handshake.header(protocol),
      frame: (frame) => this.#received(frame),
    });
    this.#handshake = new ConnectionHandshake({
      containerId: options.containerId,
      version: options.version,
      write: (octets) => this.#output.write(octets),
      expectHeader: () => this.#reader.expectHeader(),
      opened: (open) => this.#opened(open),
    });
  }

  /** Begins the handshake, which has `DEADLINES.routerConnectMs`. */
  start(): void {
    const { socket, clock } = this.#options;
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('end', () => this.#closed('router closed the connection without a word'));
    socket.on('error', (error) => this.#closed(`router connection failed: ${error.message}`));
    socket.on('close', () => this.#closed('router connection was lost'));
    this.#timer = clock.after(DEADLINES.routerConnectMs, () => {
      this.#closed(`router did not open within ${DEADLINES.routerConnectMs} ms`);
    });
    this.#guarded(() => this.#handshake.start());
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** False for a while after two openings in a row were not answered: prefer another connection. */
  get isFit(): boolean {
    return this.#fitness.isFit;
  }

  /** Lanes in flight, those that are still opening included. */
  get laneCount(): number {
    return this.#lanes?.size ?? 0;
  }

  /** Sessions that are not ended by both sides. */
  get sessionCount(): number {
    return this.#lanes?.sessionCount ?? 0;
  }

  /** Whether a lane to the routing key would find a consumer, as far as is known. */
  reachability(routingKey: string): Reachability {
    return this.#watch?.reachability(routingKey) ?? 'unknown';
  }

  /** Replaces the routing keys that are watched. */
  watch(routingKeys: ReadonlySet<string>): void {
    this.#watch?.watch(routingKeys);
  }

  /** A lane to the routing key came back unopened: the router may have a way that leads nowhere. */
  refused(routingKey: string): void {
    this.#refusals.refused(routingKey);
  }

  /** A lane to the routing key opened. */
  reached(routingKey: string): void {
    this.#refusals.reached(routingKey);
  }

  /** One came back lately: prefer another connection. */
  hasRefused(routingKey: string): boolean {
    return this.#refusals.isRecent(routingKey);
  }

  /** Trying again on this connection may lead to another consumer of the routing key. */
  mayTurn(routingKey: string): boolean {
    return this.#refusals.mayTurn(routingKey);
  }

  /** A new lane; `onOpen` says how it went. Undefined when every channel is in use. */
  openLane(options: LaneOptions) {
    if (this.#state !== 'open') return undefined;
    return this.#lanes!.open(options);
  }

  /** Fails all lanes, says `close`, and cuts the socket when the router said it too, or in time. */
  close(): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    if (this.#state === 'opening') return this.#closed('closed by us');
    this.#state = 'closing';
    this.#keepalive?.stop();
    this.#lanes?.destroy(new GatewayError('draining', { detail: 'the gateway is closing' }));
    this.#sendClose(undefined);
    this.#timer = this.#options.clock.after(DEADLINES.routerCloseMs, () => {
      this.#closed('closed by us, without an answer of the router');
    });
  }

  #data(chunk: Buffer): void {
    this.#keepalive?.received();
    this.#guarded(() => this.#reader.push(chunk));
  }

  /** A router that breaks the protocol is told so and left. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error;
      if (this.#handshake.isDone) {
        this.#sendClose({ condition: error.condition, description: error.message });
      }
      this.#closed(error.message);
    }
  }

  #received(frame: Frame): void {
    if (!this.#handshake.isDone) return this.#handshake.frame(frame);
    const body = frame.performative;
    if (body === undefined || body.kind === 'unknown') return;
    if (body.kind === 'close') return this.#peerClosed(body.error);
    if (frame.type !== 'amqp') throw new AmqpError('amqp:not-allowed', 'SASL frame after open');
    if (this.#state === 'open') this.#lanes!.received(frame.channel, body, frame.payload);
  }

  #opened(open: Open): void {
    this.#timer?.cancel();
    const router = identifyRouter(open);
    const maxFrameBytes = Math.min(open.maxFrameSize ?? MAX_FRAME_BYTES, MAX_FRAME_BYTES);
    if (maxFrameBytes < SMALLEST_MAX_FRAME) {
      throw new AmqpError('amqp:invalid-field', `router takes frames of ${maxFrameBytes} octets`);
    }
    if (!hasReleaseVersion(router.version)) {
      this.#options.log(
        `router ${router.id} has version "${router.version}", treated as 3 or later`,
      );
    }
    this.#state = 'open';
    this.#lanes = this.#makeLanes(open, maxFrameBytes);
    this.#keepalive = this.#startKeepalive(open.idleTimeOut);
    this.#watch = this.#startWatch(this.#lanes);
    this.#options.onOpen(router);
  }

  #makeLanes(open: Open, maxFrameBytes: number): LaneTable {
    const { clock, creditWaitMs, openWaitMs, unackedLimitBytes, log } = this.#options;
    return new LaneTable({
      clock,
      creditWaitMs,
      openWaitMs,
      unackedLimitBytes,
      log,
      maxFrameBytes,
      channelMax: Math.min(open.channelMax ?? CHANNEL_MAX, CHANNEL_MAX),
      output: this.#output,
      fitness: this.#fitness,
      heardAtMs: () => this.#keepalive?.heardAtMs ?? Number.NEGATIVE_INFINITY,
      onIdle: () => this.#options.onIdle?.(),
      doubted: (routingKey) => this.#watch?.doubt(routingKey),
      fault: (error) => this.#faultLater(error),
    });
  }

  #startWatch(lanes: LaneTable): ServiceWatch | undefined {
    const { clock, log, routingKeys } = this.#options;
    const session = routingKeys === undefined ? undefined : lanes.openSession();
    if (session === undefined) return undefined;
    const onUnreachable = (routingKey: string) => lanes.consumerGone(routingKey);
    const watch = new ServiceWatch({ session, clock, log, onUnreachable });
    watch.start(routingKeys!);
    return watch;
  }

  /** A lane found the output overfull in its own turn; the connection ends in a turn of its own. */
  #faultLater(error: AmqpError): void {
    setImmediate(() => this.#closed(error.message));
  }

  #startKeepalive(remoteIdleMs: number | undefined): Keepalive {
    return new Keepalive({
      clock: this.#options.clock,
      remoteIdleMs,
      writes: () => this.#output.writes,
      sendEmpty: () => this.#guarded(() => this.#sendEmpty()),
      silent: () => this.#fitness.doubt(),
      dead: () => this.#closed(`router was silent for ${2 * DEADLINES.routerIdleMs} ms`),
    });
  }

  #sendEmpty(): void {
    this.#output.write(EMPTY_FRAME);
    this.#output.flush();
  }

  #peerClosed(error: ErrorValue | undefined): void {
    if (this.#state !== 'closing') this.#sendClose(undefined);
    const otherwise = this.#state === 'closing' ? 'closed by us' : 'router closed the connection';
    this.#closed(describe(error, otherwise));
  }

  #sendClose(error: ErrorValue | undefined): void {
    this.#output.flush();
    this.#output.write(encodeFrame(0, { kind: 'close', error }));
    this.#output.flush();
  }

  /** Idempotent, the one way out. */
  #closed(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#keepalive?.stop();
    this.#watch?.stop();
    this.#reader.stop();
    this.#output.close();
    this.#lanes?.lost(reason);
    const { socket } = this.#options;
    socket.end();
    // What the kernel took in this turn still goes; a router that reads nothing must not hold us.
    setImmediate(() => socket.destroy());
    this.#options.onClose(reason);
  }
}
