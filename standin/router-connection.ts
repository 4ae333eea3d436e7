import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../src/core/clock.ts';
import {
  AmqpError,
  EMPTY_FRAME,
  encodeFrame,
  type Frame,
  PROTOCOL_HEADERS,
  type ProtocolId,
  FrameReader,
  type ErrorValue,
  type Performative,
} from '../src/network/amqp/codec/codec.ts';
import type { ContainerIds } from './container-ids.ts';
import type { Dispatcher } from './dispatcher.ts';
import { FrameOutbox } from './frame-outbox.ts';
import { IdleWatch } from './idle-watch.ts';
import { ROUTER_LIMITS } from './router-limits.ts';
import type { ReplyAddresses } from './reply-addresses.ts';
import { routerOpen } from './router-open.ts';
import type { RouterSession, RouterSessionHost } from './router-session.ts';
import { SessionTable } from './session-table.ts';
import type { ViolationKind, Violations } from './violations.ts';

/**
 * Octets of a response transfer around its payload at most: header 8, descriptor 3, list head 9, two
 * uints of 5, tag 10, three flags. Too little here makes frames larger than the client announced.
 */
const TRANSFER_OVERHEAD = 48;
/** Octets that may wait in the socket before responses pause. */
const HIGH_WATER = 262_144;

const IDLE_EXPIRED: ErrorValue = {
  condition: 'amqp:resource-limit-exceeded',
  description: 'local-idle-timeout expired',
};

export interface RouterConnectionParts {
  readonly socket: TLSSocket;
  readonly routerId: string;
  readonly connectionId: number;
  readonly isEdge: boolean;
  readonly idleTimeoutMs: number;
  readonly dispatcher: Dispatcher;
  readonly replies: ReplyAddresses;
  readonly violations: Violations;
  readonly containerIds: ContainerIds;
  readonly clock: Clock;
  readonly onClosed: (connection: RouterConnection) => void;
}

/** The router's half of one AMQP connection, from SASL to close. */
export class RouterConnection implements RouterSessionHost {
  readonly dispatcher: Dispatcher;
  readonly replies: ReplyAddresses;
  readonly #parts: RouterConnectionParts;
  readonly #socket: TLSSocket;
  readonly #reader: FrameReader;
  readonly #outbox: FrameOutbox;
  readonly #idle: IdleWatch;
  readonly #sessions: SessionTable;
  /** Sessions that wait for the socket, longest first. */
  readonly #stalled = new Set<RouterSession>();
  #state: 'sasl' | 'header' | 'open' | 'running' | 'closing' = 'sasl';
  #clientMaxFrame = 512;
  #isAuthenticated = false;
  #isFrozen = false;
  #linger: Timer | undefined;
  readonly #client: string;

  constructor(parts: RouterConnectionParts) {
    this.#parts = parts;
    this.#socket = parts.socket;
    this.#client = String(parts.socket.getPeerCertificate().subject?.CN);
    this.dispatcher = parts.dispatcher;
    this.replies = parts.replies;
    this.#sessions = new SessionTable(this);
    this.#reader = new FrameReader(ROUTER_LIMITS.maxFrameSize, {
      header: (protocol) => this.#header(protocol),
      frame: (frame) => this.#frame(frame),
    });
    this.#outbox = new FrameOutbox(parts.socket, () => this.#idle.sent());
    this.#idle = new IdleWatch({
      clock: parts.clock,
      limitMs: parts.idleTimeoutMs,
      expired: () => this.fail(IDLE_EXPIRED),
      keepAlive: () => this.#outbox.write(EMPTY_FRAME),
    });
    this.#listen();
  }

  get isEdge(): boolean {
    return this.#parts.isEdge;
  }

  /** Common name of the client's certificate. */
  get client(): string {
    return this.#client;
  }

  get sessionsBegun(): number {
    return this.#sessions.begun;
  }

  // For the sessions.

  send(channel: number, performative: Performative, payload?: Uint8Array): void {
    if (this.#state === 'closing') return;
    this.#outbox.write(encodeFrame(channel, performative, payload?.length ?? 0));
    if (payload !== undefined && payload.length > 0) this.#outbox.write(payload);
  }

  frameRoom(session: RouterSession): number {
    if (this.#state !== 'running') return 0;
    if (this.#outbox.pendingOctets < HIGH_WATER && !this.#isFrozen) {
      return Math.min(this.#clientMaxFrame, ROUTER_LIMITS.largestSentFrame) - TRANSFER_OVERHEAD;
    }
    this.#stalled.add(session);
    return 0;
  }

  note(kind: ViolationKind, detail: string): void {
    this.#parts.violations.add(kind, detail);
  }

  /** Close with an error, then FIN; what the client still sends is not read. */
  fail(error: ErrorValue): void {
    if (this.#state === 'closing') return;
    this.send(0, { kind: 'close', error });
    this.#finish();
  }

  // On command, and for the router.

  consumerChanged(routingKey: string): void {
    for (const session of this.#sessions.all()) session.consumerChanged(routingKey);
  }

  detachLinks(error: ErrorValue, routingKey?: string): void {
    for (const session of this.#sessions.all()) session.detachLinks(error, routingKey);
  }

  endSessions(error: ErrorValue): void {
    this.#sessions.endAll(error);
  }

  /** A bare FIN without `close`: the router was stopped, or the connection deleted by management. */
  drop(): void {
    this.#finish();
  }

  /** Cut at once. */
  kill(): void {
    this.#socket.destroy();
  }

  /** The process stands still: nothing is read, sent or closed until `thaw`. */
  freeze(): void {
    this.#isFrozen = true;
    this.#idle.stop();
    this.#outbox.hold();
    this.#socket.pause();
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#outbox.release();
    this.#socket.resume();
    this.#drained();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#finish());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#closed());
    this.#linger = this.#parts.clock.after(ROUTER_LIMITS.lingerMs, () => {
      if (this.#state !== 'running') socket.destroy();
    });
  }

  #received(chunk: Buffer): void {
    this.#idle.received();
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error;
      this.#broken(error);
    }
  }

  #broken(error: AmqpError): void {
    this.note('protocol-error', error.message);
    if (this.#state !== 'running') return this.#finish();
    const isFraming = error.condition === 'amqp:connection:framing-error';
    const description = isFraming ? 'malformed frame' : error.message;
    this.fail({ condition: error.condition, description });
  }

  // The handshake (router-stream-protocol.md 2).

  #header(protocol: ProtocolId): void {
    const wanted = this.#isAuthenticated ? 'amqp' : 'sasl';
    // A bare AMQP header on an authenticating listener is answered by a silent close.
    if (protocol !== wanted) return this.#finish();
    this.#outbox.write(PROTOCOL_HEADERS[protocol]);
    if (protocol === 'amqp') this.#state = 'open';
    else this.send(0, { kind: 'sasl-mechanisms', mechanisms: ['EXTERNAL'] });
  }

  #frame({ channel, performative, payload, type }: Frame): void {
    if (performative === undefined || this.#state === 'closing') return;
    if (this.#state === 'sasl' && type === 'sasl') return this.#sasl(performative);
    if (this.#state === 'open') return this.#open(performative);
    if (this.#state !== 'running' || type !== 'amqp') {
      throw new AmqpError('amqp:connection:framing-error', 'frame out of place');
    }
    if (performative.kind === 'close') return this.#closedByClient();
    this.#sessions.handle(channel, performative, payload);
  }

  #sasl(performative: Performative): void {
    const isExternal = performative.kind === 'sasl-init' && performative.mechanism === 'EXTERNAL';
    this.send(0, { kind: 'sasl-outcome', code: isExternal ? 0 : 1 });
    if (!isExternal) return this.#finish();
    this.#isAuthenticated = true;
    this.#state = 'header';
    this.#reader.expectHeader();
  }

  #open(open: Performative): void {
    if (open.kind !== 'open') throw new AmqpError('amqp:not-allowed', `${open.kind} before open`);
    this.#state = 'running';
    this.#clientMaxFrame = Math.max(512, open.maxFrameSize ?? ROUTER_LIMITS.largestSentFrame);
    if (open.offeredCapabilities?.includes('qd.streaming-links') === true) {
      this.note('forbidden-capability', 'qd.streaming-links is offered');
    }
    if (!this.#parts.containerIds.isNew(open.containerId)) {
      this.note('container-id-reused', open.containerId);
    }
    this.send(0, routerOpen(this.#parts));
    if (open.idleTimeOut !== undefined && open.idleTimeOut > 0) this.#idle.beat(open.idleTimeOut);
  }

  #drained(): void {
    const waiting = [...this.#stalled];
    this.#stalled.clear();
    for (const session of waiting) session.pump();
  }

  // The end.

  #closedByClient(): void {
    this.send(0, { kind: 'close' });
    this.#finish();
  }

  #finish(): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.#reader.stop();
    this.#idle.stop();
    this.#outbox.flush();
    this.#socket.end();
    this.#sessions.abandonAll();
    this.#linger?.cancel();
    this.#linger = this.#parts.clock.after(ROUTER_LIMITS.lingerMs, () => this.#socket.destroy());
  }

  #closed(): void {
    this.#state = 'closing';
    this.#idle.stop();
    this.#linger?.cancel();
    this.#sessions.abandonAll();
    this.#parts.onClosed(this);
  }
}
