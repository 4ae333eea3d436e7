import type { Channel } from '../core/channel.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { type FaultCode, GatewayError } from '../core/errors.ts';
import type { RoutingKey } from '../core/ids.ts';
import type { AmqpConnection } from './amqp/connection/connection.ts';
import type { Lane } from './amqp/lane/lane.ts';
import type { LaneOptions } from './amqp/lane/lane-options.ts';
import type { ConnectOptions } from './skupper-network.ts';

/** A connection, and the router that it leads to. */
export interface Way {
  readonly connection: AmqpConnection;
  readonly routerId: string;
}

export interface OpenedLane extends Way {
  readonly lane: Lane;
}

/**
 * Added to the caller's limit. By default it is as long as the wait for credit, and that wait
 * must end first: it says that there is no consumer, where this limit would blame the application.
 */
const GRACE_MS = 50;

export interface ConnectAttemptsParts {
  readonly options: ConnectOptions;
  readonly clock: Pick<Clock, 'after'>;
  readonly open: OpenLane;
}

/** Why a stream needs another way, which says where it may go. */
export type Reason =
  /** Its connection is gone, or its router stands still: to any other connection. */
  | 'lost'
  /** A consumer gave it back: to a connection that did not lately, else where another consumer may be chosen. */
  | 'came-back'
  /** Its router knows no way, or forbids it: to another router. */
  | 'no-way'
  /** It failed in another way: to a connection on which none did lately. */
  | 'failed';

/** The attempt before, and why another is made. */
export interface FailedWay {
  readonly way: Way;
  readonly reason: Reason;
}

/** Opens a lane on the best connection; undefined when there is none. */
type OpenLane = (request: LaneOptions, failed: FailedWay | undefined) => OpenedLane | undefined;

const REASONS: Partial<Record<FaultCode, Reason>> = {
  network_unavailable: 'lost',
  service_unavailable: 'no-way',
  routing_key_forbidden: 'no-way',
  upstream_connect_failed: 'failed',
};

/** Tries of one stream. The connections of a router that is gone fail one after the other. */
const MOST_ATTEMPTS = 4;
/** Of these, late ones that are kept while another is tried: more would only load an application that is slow. */
const MOST_LATE = 2;
/** Of those that came back, beside these: each takes a round trip, and turns the router a little further. */
const MOST_COME_BACK = 16;

/**
 * One stream on its way to be open. When the router of its lane answers nothing for a while, is lost, or
 * does not reach the service, and another connection is fit, it moves there: no octet has left, so this
 * is no retry that anybody could notice. When only the opening is late, another is tried beside it, and the first to be
 * answered is taken: between two routers streams share links, and one that an application does not read can stand before
 * an opening to another (router-stream-protocol.md 11).
 */
export class ConnectAttempts {
  readonly opened: Promise<Channel>;
  readonly #routingKey: RoutingKey;
  readonly #options: ConnectOptions;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #open: OpenLane;
  readonly #resolve: (lane: Lane) => void;
  readonly #reject: (error: Error) => void;
  /** The newest. */
  #current: OpenedLane | undefined;
  /** Older ones that may still be answered. */
  #late: OpenedLane[] = [];
  /** Lanes tried. */
  #attempt = 0;
  /** Of these, the ones that a consumer gave back. */
  #comeBacks = 0;
  /** Why the way before led nowhere. */
  #last: GatewayError | undefined;
  #limit: Timer | undefined;
  /** Nobody waits for it any more. */
  #isOver = false;
  #isOpen = false;

  constructor(routingKey: RoutingKey, { options, clock, open }: ConnectAttemptsParts) {
    const { promise, resolve, reject } = Promise.withResolvers<Lane>();
    this.opened = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#routingKey = routingKey;
    this.#options = options;
    this.#clock = clock;
    this.#open = open;
  }

  /** False: no connection can carry it. */
  begin(): boolean {
    if (!this.#try()) return false;
    const { signal, limitMs } = this.#options;
    signal?.addEventListener('abort', this.#giveUp);
    if (limitMs !== undefined) {
      this.#limit = this.#clock.after(limitMs + GRACE_MS, () => this.#end(this.#tooLate()));
    }
    return true;
  }

  #try(failed?: FailedWay): boolean {
    const opened: OpenedLane | undefined = this.#open(
      {
        routingKey: this.#routingKey,
        allowHalfOpen: this.#options.allowHalfOpen,
        alpn: this.#options.alpn,
        isFarewell: this.#options.isFarewell,
        onOpen: (error) => this.#settle(opened!, error),
        onStalled: () => this.#move('lost', opened!),
        onLate: () => this.#tryBeside(opened!),
      },
      failed,
    );
    if (opened === undefined) return false;
    this.#attempt += 1;
    this.#current = opened;
    return true;
  }

  #settle(lane: OpenedLane, error: GatewayError | undefined): void {
    if (!this.#counts(lane)) return;
    if (error !== undefined && this.#goesOn(lane, error)) return;
    this.#limit?.cancel();
    this.#options.signal?.removeEventListener('abort', this.#giveUp);
    if (error !== undefined) return this.#reject(error);
    lane.connection.reached(this.#routingKey);
    this.#take(lane);
  }

  /** False: the stream has moved on from this one, or is open. */
  #counts(lane: OpenedLane): boolean {
    return !this.#isOpen && (lane === this.#current || this.#late.includes(lane));
  }

  #take(lane: OpenedLane): void {
    this.#isOpen = true;
    for (const other of [...this.#late, this.#current!]) if (other !== lane) other.lane.destroy();
    this.#resolve(lane.lane);
  }

  /** Another way is tried, or waited for: this one is gone, or leads nowhere at the moment. */
  #goesOn(failed: OpenedLane, error: GatewayError): boolean {
    if (failed !== this.#current) {
      this.#late = this.#late.filter((it) => it !== failed);
      return true;
    }
    return this.#goesElsewhere(failed, error) || this.#returns();
  }

  #goesElsewhere(failed: OpenedLane, error: GatewayError): boolean {
    const { lane, connection } = failed;
    const reason = lane.hasComeBack ? 'came-back' : REASONS[error.code];
    if (reason === undefined) return false;
    if (reason !== 'lost') {
      this.#last = error;
      connection.refused(this.#routingKey);
    }
    if (reason === 'came-back') this.#comeBacks += 1;
    return this.#move(reason, failed);
  }

  /** The newest has failed; one that is late may still be answered. */
  #returns(): boolean {
    const older = this.#isOver ? undefined : this.#late.pop();
    if (older !== undefined) this.#current = older;
    return older !== undefined;
  }

  #move(reason: Reason, from: OpenedLane): boolean {
    if (from !== this.#current || !this.#mayTry) return false;
    return this.#try({ way: from, reason });
  }

  #tryBeside(late: OpenedLane): void {
    if (late !== this.#current || !this.#mayTry || this.#late.length === MOST_LATE) return;
    if (this.#try()) this.#late.push(late);
  }

  get #mayTry(): boolean {
    if (this.#isOver || this.#isOpen || this.#comeBacks >= MOST_COME_BACK) return false;
    return this.#attempt - this.#comeBacks < MOST_ATTEMPTS;
  }

  #end(error: GatewayError): void {
    this.#isOver = true;
    for (const { lane } of this.#late.splice(0)) lane.destroy(error);
    this.#current!.lane.destroy(error);
  }

  #tooLate(): GatewayError {
    // It is known already what is wrong; that the next way is slow says less.
    if (this.#last !== undefined) return this.#last;
    const limit = `within ${this.#options.limitMs} ms`;
    // An outlier guard counts time-outs of the service, and must not count those of the network.
    const [code, what] = this.#current!.lane.isRouterSilent
      ? (['network_unavailable', `the router said nothing ${limit}`] as const)
      : (['upstream_connect_timeout', `no stream to the application ${limit}`] as const);
    const detail = `${this.#routingKey}: ${what}`;
    return new GatewayError(code, { detail, retryable: true });
  }

  readonly #giveUp = (): void => {
    this.#end(givenUp(this.#options.signal!));
  };
}

export function givenUp(signal: AbortSignal): GatewayError {
  if (signal.reason instanceof GatewayError) return signal.reason;
  const detail = 'the stream was given up before it was open';
  return new GatewayError('client_gone', { detail, retryable: true, cause: signal.reason });
}
