import type { Clock } from '../../../core/clock.ts';
import type { GatewayError } from '../../../core/errors.ts';
import type { RequestStreamHost } from './request-stream.ts';
import type { HoldReason, StreamOnWire } from './stream-on-wire.ts';

/** What a lane needs of its connection. */
export interface LaneHost extends RequestStreamHost {
  readonly clock: Clock;
  readonly creditWaitMs: number;
  readonly openWaitMs: number;
  laneOpened(): void;
  /** The stream is over for its user and stays on the wire for a while. */
  hold(stream: StreamOnWire, reason: HoldReason): void;
  openingTimedOut(): void;
  /** No credit yet, or an opening came back: the routing key may have lost its consumers. */
  doubted(routingKey: string): void;
  /** Has the router say something, if it is alive. */
  askForLife(): void;
  /** When anything last came from the router, on the clock's monotonic scale. */
  heardAtMs(): number;
}

export interface LaneOptions {
  readonly routingKey: string;
  readonly allowHalfOpen: boolean;
  readonly alpn?: string | undefined;
  /**
   * The router has answered nothing yet: it may stand still. True: the caller opened another lane on
   * another connection, and this one is given up.
   */
  readonly onStalled?: () => boolean;
  /**
   * The opening has no answer for `DEADLINES.laneLateMs`, from a router that lives. The lane goes on; the caller may
   * open another beside it.
   */
  readonly onLate?: () => void;
  /** Such an error ends the stream, as `end` does; every other aborts it. Default: none. */
  readonly isFarewell?: ((error: Error) => boolean) | undefined;
  /** Called once: the response opening is here, or the lane failed before it. */
  readonly onOpen: (error: GatewayError | undefined) => void;
}
