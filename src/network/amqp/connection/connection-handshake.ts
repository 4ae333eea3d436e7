import { DEADLINES } from '../../../core/deadlines.ts';
import {
  AmqpError,
  type AmqpValue,
  type Frame,
  type ProtocolId,
  encodeFrame,
  PROTOCOL_HEADERS,
  type Open,
} from '../codec/codec.ts';

/** What we announce: a router fills its frames up to this (router-stream-protocol.md 2). */
export const MAX_FRAME_BYTES = 65_536;
export const CHANNEL_MAX = 32_767;
const MECHANISM = 'EXTERNAL';

export interface ConnectionHandshakeOptions {
  readonly containerId: string;
  readonly version: string;
  readonly write: (octets: Uint8Array) => void;
  /** The SASL layer is done; a protocol header comes next. */
  readonly expectHeader: () => void;
  readonly opened: (open: Open) => void;
}

type Step = 'sasl-header' | 'mechanisms' | 'outcome' | 'amqp-header' | 'open' | 'done';

/**
 * SASL EXTERNAL and open, in the order of AMQP 5.3.2 and 2.4.1. Throws AmqpError when the router does
 * something else. No capabilities are offered: `qd.streaming-links` would bring links of the router's
 * own instead of answers on the reply address (router-stream-protocol.md 10).
 */
export class ConnectionHandshake {
  readonly #options: ConnectionHandshakeOptions;
  #step: Step = 'sasl-header';

  constructor(options: ConnectionHandshakeOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#step === 'done';
  }

  start(): void {
    this.#options.write(PROTOCOL_HEADERS.sasl);
  }

  header(protocol: ProtocolId): void {
    if (this.#step === 'sasl-header' && protocol === 'sasl') this.#step = 'mechanisms';
    else if (this.#step === 'amqp-header' && protocol === 'amqp') this.#step = 'open';
    else {
      const text = `router answers with the ${protocol} header, in step ${this.#step}`;
      throw new AmqpError('amqp:connection:framing-error', text);
    }
  }

  frame(frame: Frame): void {
    const body = frame.performative;
    if (body === undefined) return;
    if (this.#step === 'mechanisms' && body.kind === 'sasl-mechanisms') {
      return this.#choose(body.mechanisms);
    }
    if (this.#step === 'outcome' && body.kind === 'sasl-outcome') return this.#outcome(body.code);
    if (this.#step === 'open' && body.kind === 'open' && frame.type === 'amqp') {
      this.#step = 'done';
      return this.#options.opened(body);
    }
    throw new AmqpError('amqp:illegal-state', `${body.kind} in step ${this.#step}`);
  }

  #choose(mechanisms: readonly string[]): void {
    if (!mechanisms.includes(MECHANISM)) {
      const text = `router offers ${mechanisms.join(', ')}, wanted ${MECHANISM}`;
      throw new AmqpError('amqp:unauthorized-access', text);
    }
    this.#step = 'outcome';
    const init = { mechanism: MECHANISM, initialResponse: new Uint8Array(0) };
    this.#options.write(encodeFrame(0, { kind: 'sasl-init', ...init }));
  }

  #outcome(code: number): void {
    if (code !== 0) {
      const text = `router refused the client certificate (SASL code ${code})`;
      throw new AmqpError('amqp:unauthorized-access', text);
    }
    this.#step = 'amqp-header';
    this.#options.expectHeader();
    this.#options.write(PROTOCOL_HEADERS.amqp);
    this.#options.write(encodeFrame(0, this.#open()));
  }

  #open(): Open {
    return {
      kind: 'open',
      containerId: this.#options.containerId,
      maxFrameSize: MAX_FRAME_BYTES,
      channelMax: CHANNEL_MAX,
      idleTimeOut: DEADLINES.routerIdleMs,
      properties: new Map<string, AmqpValue>([
        ['product', 'fairlead'],
        ['version', this.#options.version],
      ]),
    };
  }
}
