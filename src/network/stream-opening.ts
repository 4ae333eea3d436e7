import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { RoutingKey } from '../core/ids.ts';
import type { AmqpConnection } from './amqp/connection.ts';
import type { Lane } from './amqp/lane.ts';
import type { LaneOptions } from './amqp/lane-options.ts';
import type { ConnectOptions } from './network.ts';

export interface OpenedLane {
  readonly lane: Lane;
  readonly connection: AmqpConnection;
}

/**
 * Added to the caller's limit. By default it is as long as the wait for credit, and that one must be heard:
 * it says that there is no consumer, where this one would put the blame on the application.
 */
const TIE_MS = 50;

export interface StreamOpeningParts {
  readonly options: ConnectOptions;
  readonly clock: Pick<Clock, 'after'>;
  readonly open: OpenLane;
}

/** Opens a lane on the best connection, `except` left out; undefined when there is none. */
type OpenLane = (
  request: LaneOptions,
  except: AmqpConnection | undefined,
) => OpenedLane | undefined;

/**
 * One stream on its way to be open. When the router of its lane answers nothing for a while, and another
 * connection is fit, it moves there: no octet has left, so this is no retry that anybody could notice.
 */
export class StreamOpening {
  readonly opened: Promise<Duplex>;
  readonly #routingKey: RoutingKey;
  readonly #options: ConnectOptions;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #open: OpenLane;
  readonly #resolve: (lane: Lane) => void;
  readonly #reject: (error: Error) => void;
  #current: OpenedLane | undefined;
  /** Lanes tried; only the last one counts. */
  #attempt = 0;
  #limit: Timer | undefined;

  constructor(routingKey: RoutingKey, { options, clock, open }: StreamOpeningParts) {
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
    if (!this.#try(undefined)) return false;
    const { signal, limitMs } = this.#options;
    signal?.addEventListener('abort', this.#giveUp);
    if (limitMs !== undefined) {
      const giveUp = () => this.#current!.lane.destroy(this.#late());
      this.#limit = this.#clock.after(limitMs + TIE_MS, giveUp);
    }
    return true;
  }

  #try(except: AmqpConnection | undefined): boolean {
    const attempt = this.#attempt + 1;
    const opened = this.#open(
      {
        routingKey: this.#routingKey,
        allowHalfOpen: this.#options.allowHalfOpen,
        alpn: this.#options.alpn,
        isFarewell: this.#options.isFarewell,
        onOpen: (error) => this.#settle(attempt, error),
        onStalled: () => this.#try(this.#current?.connection),
      },
      except,
    );
    if (opened === undefined) return false;
    this.#attempt = attempt;
    this.#current = opened;
    return true;
  }

  #settle(attempt: number, error: GatewayError | undefined): void {
    if (attempt !== this.#attempt) return;
    this.#limit?.cancel();
    this.#options.signal?.removeEventListener('abort', this.#giveUp);
    if (error === undefined) this.#resolve(this.#current!.lane);
    else this.#reject(error);
  }

  #late(): GatewayError {
    const limit = `within ${this.#options.limitMs} ms`;
    // An outlier guard counts time-outs of the service, and must not count those of the network.
    const [code, what] = this.#current!.lane.isRouterSilent
      ? (['network_unavailable', `the router said nothing ${limit}`] as const)
      : (['upstream_connect_timeout', `no stream to the application ${limit}`] as const);
    const detail = `${this.#routingKey}: ${what}`;
    return new GatewayError(code, { detail, retryable: true });
  }

  readonly #giveUp = (): void => {
    this.#current!.lane.destroy(givenUp(this.#options.signal!));
  };
}

export function givenUp(signal: AbortSignal): GatewayError {
  if (signal.reason instanceof GatewayError) return signal.reason;
  const detail = 'the stream was given up before it was open';
  return new GatewayError('client_gone', { detail, retryable: true, cause: signal.reason });
}
