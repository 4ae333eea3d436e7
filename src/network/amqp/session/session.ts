import type { Clock, Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import { AmqpError } from '../codec/codec.ts';
import type * as Frame from '../codec/codec.ts';
import { INCOMING_WINDOW, OUTGOING_WINDOW, SessionWindow } from './session-window.ts';

/** What a session needs of its connection. */
export interface SessionHost {
  readonly clock: Clock;
  sendFrame(channel: number, body: Frame.Performative): void;
  /** A continuation with its payload in parts, none of them copied. */
  sendContinuation(
    channel: number,
    handle: number,
    more: boolean,
    payload: readonly Uint8Array[],
    payloadLength: number,
  ): void;
  sendOpening(channel: number, transfer: Frame.Transfer, payload: Buffer): void;
  /** Both ends are said: the channel number may be used again. */
  sessionClosed(session: Session): void;
  log(message: string): void;
}

/** What happens on a session, for its lane. An AmqpError thrown in here ends the session with it. */
export interface SessionHandler {
  attached(attach: Frame.Attach): void;
  /** The transfer window may have opened; `flow` may also carry link credit. */
  flowed(flow: Frame.Flow): void;
  transferred(transfer: Frame.Transfer, payload: Buffer): void;
  disposed(disposition: Frame.Disposition): void;
  detached(detach: Frame.Detach): void;
  /** The peer ended the session, or broke the protocol on it. Nothing more can be sent. */
  ended(reason: string): void;
}

/** One AMQP session (2.5): its window, and the rule that nothing is sent after our `end`. */
export class Session {
  readonly channel: number;
  readonly window = new SessionWindow();
  readonly #host: SessionHost;
  #handler: SessionHandler | undefined;
  #isBegun = false;
  #isEnded = false;
  /** Our `end` that waits. */
  #endOnBegin: (() => void) | undefined;
  #endTimer: Timer | undefined;

  constructor(channel: number, host: SessionHost) {
    this.channel = channel;
    this.#host = host;
  }

  /** `handleMax` bounds the router's handles: a lane has two links. */
  begin(handler: SessionHandler, handleMax = 1): void {
    this.#handler = handler;
    this.send({
      kind: 'begin',
      nextOutgoingId: 0,
      incomingWindow: INCOMING_WINDOW,
      outgoingWindow: OUTGOING_WINDOW,
      handleMax,
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Sends nothing once the session is ended: a frame after `end` kills the connection (contract 2). */
  send(body: Frame.Performative): void {
    if (!this.#isEnded) this.#host.sendFrame(this.channel, body);
  }

  /** The first transfer of a delivery, with its sections. Counts in the window. */
  sendOpening(transfer: Frame.Transfer, payload: Buffer): void {
    if (this.#isEnded) return;
    this.window.sent();
    this.#host.sendOpening(this.channel, transfer, payload);
  }

  /** The caller has checked `window.canSend`. */
  sendContinuation(
    handle: number,
    more: boolean,
    parts: readonly Uint8Array[],
    length: number,
  ): void {
    if (this.#isEnded) return;
    this.window.sent();
    this.#host.sendContinuation(this.channel, handle, more, parts, length);
  }

  sendFlow(link?: Pick<Frame.Flow, 'handle' | 'deliveryCount' | 'linkCredit'>): void {
    this.send({ kind: 'flow', ...this.window.announce(), ...link });
  }

  /**
   * Idempotent. The channel number is free only after the peer's `end`. A router that finds `begin` and
   * `end` together answers with a `begin` that does not say whose it is (Proton, seen after a SIGSTOP of
   * skrouterd 3.5.1), so ours waits for its `begin`.
   */
  end(error?: Frame.ErrorValue): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#isBegun) this.#sendEnd(error);
    else this.#endOnBegin = () => this.#sendEnd(error);
    this.#handler = undefined;
    this.#endTimer = this.#host.clock.after(DEADLINES.sessionEndMs, () => {
      this.#endTimer = undefined;
      this.#host.log(`router did not end channel ${this.channel}; its number is lost`);
    });
  }

  #sendEnd(error: Frame.ErrorValue | undefined): void {
    this.#endOnBegin = undefined;
    this.#host.sendFrame(this.channel, { kind: 'end', error });
  }

  /** The connection is gone: no frame leaves, no timer stays. */
  abandon(): void {
    this.#isEnded = true;
    this.#endOnBegin = undefined;
    this.#handler = undefined;
    this.#endTimer?.cancel();
  }

  /** A frame of the peer on this session. */
  handle(body: Frame.Performative, payload: Buffer): void {
    if (body.kind === 'end') return this.#peerEnded(body);
    const handler = this.#handler;
    if (handler === undefined) {
      if (body.kind === 'begin') this.#endOnBegin?.();
      return;
    }
    try {
      this.#dispatch(handler, body, payload);
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error;
      this.end({ condition: error.condition, description: error.message });
      handler.ended(`router broke the protocol: ${error.message}`);
    }
  }

  #dispatch(handler: SessionHandler, body: Frame.Performative, payload: Buffer): void {
    switch (body.kind) {
      case 'begin':
        return this.#begun(body);
      case 'attach':
        return handler.attached(body);
      case 'flow':
        return this.#flowed(handler, body);
      case 'transfer':
        this.window.received();
        return handler.transferred(body, payload);
      case 'disposition':
        return handler.disposed(body);
      case 'detach':
        return handler.detached(body);
      case 'open':
      case 'end':
      case 'close':
      case 'sasl-mechanisms':
      case 'sasl-init':
      case 'sasl-outcome':
      case 'unknown':
        throw new AmqpError('amqp:not-allowed', `${body.kind} on a session`);
    }
  }

  #begun(begin: Frame.Begin): void {
    if (this.#isBegun) throw new AmqpError('amqp:illegal-state', 'second begin on a session');
    this.#isBegun = true;
    this.window.begun(begin);
  }

  #flowed(handler: SessionHandler, flow: Frame.Flow): void {
    this.window.flowed(flow);
    handler.flowed(flow);
    if (flow.echo === true) this.sendFlow();
  }

  #peerEnded(end: Frame.End): void {
    const handler = this.#handler;
    this.end();
    this.#endOnBegin?.();
    this.#endTimer?.cancel();
    this.#host.sessionClosed(this);
    handler?.ended(describe(end.error, 'router ended the session'));
  }
}

/** One line for an error a peer gave. */
export function describe(error: Frame.ErrorValue | undefined, otherwise: string): string {
  if (error === undefined) return otherwise;
  const text = error.description === undefined ? '' : `: ${error.description}`;
  return `${otherwise}: ${error.condition}${text}`;
}
