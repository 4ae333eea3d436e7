import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { Disposition, Transfer } from '../codec/codec.ts';
import type { LinksUser } from './lane-links.ts';
import { OneTimer } from '../one-timer.ts';
import { type HoldReason, type StreamOnWire, endOnWire } from './stream-on-wire.ts';

/**
 * Of one connection. A consumer that refuses must count for more than one that works has streams, so this
 * many streams to a working consumer do not hide it; beyond that the oldest place is given back.
 */
const MAX_HELD = 64;
/** As for idle lanes: a vhost may allow few sessions. */
const SHARE_OF_CHANNELS = 1 / 4;
/** An application that says more than this and reads nothing is not waited for. */
const MOST_DROPPED_BYTES = 64 * 1024;

const LIMITS: Readonly<Record<HoldReason, number>> = {
  'came-back': DEADLINES.laneHeldMs,
  unanswered: DEADLINES.laneUnansweredMs,
  unread: DEADLINES.laneUnreadMs,
};

interface HeldPlace {
  readonly stream: StreamOnWire;
  readonly untilMs: number;
}

/**
 * Streams that are over for their user, kept on the wire for a while. A router gives a new stream to the consumer with
 * the fewest unsettled ones (skupper-router, `qdr_forward_balanced_CT`): one that refuses and is settled at once is
 * chosen again and again. And it uses the link between two routers again as soon as a stream on it was aborted, though
 * the far router cannot pass the abort on before the application has read what is buffered
 * (`qdr_delivery_continue_peers_CT`, `qd_message_receive_cutthrough`).
 */
export class HeldPlaces {
  readonly #clock: Clock;
  readonly #timer: OneTimer;
  readonly #most: number;
  /** The oldest first. */
  #held: HeldPlace[] = [];

  /** `channelMax`: the highest channel number of the connection. */
  constructor(clock: Clock, channelMax: number) {
    this.#clock = clock;
    this.#most = Math.min(MAX_HELD, Math.floor((channelMax + 1) * SHARE_OF_CHANNELS));
    this.#timer = new OneTimer(clock);
  }

  hold(stream: StreamOnWire, reason: HoldReason): void {
    if (this.#most === 0) return giveBack(stream);
    if (this.#held.length === this.#most) this.dropOldest();
    stream.links.handOver(new Keeper(stream, reason, () => this.#drop(stream)));
    this.#held.push({ stream, untilMs: this.#clock.monotonicMs() + LIMITS[reason] });
    this.#arm();
  }

  /** Its channel is free as soon as the router has answered. */
  dropOldest(): void {
    const oldest = this.#held.shift();
    if (oldest !== undefined) giveBack(oldest.stream);
    this.#arm();
  }

  /** The connection is gone: nothing is sent. */
  clear(): void {
    this.#held = [];
    this.#timer.disarm();
  }

  #drop(stream: StreamOnWire): void {
    const index = this.#held.findIndex((it) => it.stream === stream);
    if (index === -1) return;
    this.#held.splice(index, 1);
    giveBack(stream);
    this.#arm();
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const { stream } of this.#held.filter(({ untilMs }) => untilMs <= nowMs)) {
      this.#drop(stream);
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#held.length === 0) return this.#timer.disarm();
    const nextMs = Math.min(...this.#held.map(({ untilMs }) => untilMs));
    this.#timer.arm(Math.max(0, nextMs - this.#clock.monotonicMs()), () => this.#sweep());
  }
}

/** What the router still says of a held stream. Most of it says that there is no reason to hold it any more. */
class Keeper implements LinksUser {
  readonly #stream: StreamOnWire;
  readonly #reason: HoldReason;
  readonly #end: () => void;
  #dropped = 0;

  constructor(stream: StreamOnWire, reason: HoldReason, end: () => void) {
    this.#stream = stream;
    this.#reason = reason;
    this.#end = end;
  }

  linksChanged(): void {}

  transferred(transfer: Transfer, payload: Buffer): void {
    if (this.#reason !== 'unread') return this.#end();
    const { response } = this.#stream;
    if (response.transferred(transfer, payload) === 'aborted') return this.#end();
    // Left untaken, it would close the window, and stand before other streams on its own way.
    for (let octets = response.take(); octets !== undefined; octets = response.take()) {
      this.#dropped += octets.length;
    }
    if (this.#dropped > MOST_DROPPED_BYTES) this.#end();
  }

  /** The application has read something, or the stream has an outcome. */
  requestDisposed({ state, settled }: Disposition): void {
    if (this.#reason === 'came-back') return;
    this.#stream.request.disposed(state, settled === true);
    this.#end();
  }

  responseDisposed(disposition: Disposition): void {
    this.#stream.response.disposed(disposition);
  }

  ended(): void {
    this.#end();
  }

  forbidden(): void {
    this.#end();
  }
}

function giveBack(stream: StreamOnWire): void {
  endOnWire(stream);
  stream.request.release();
}
