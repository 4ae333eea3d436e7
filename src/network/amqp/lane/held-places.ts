import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import { type StreamOnWire, endOnWire } from './lane-farewell.ts';
import type { LinksUser } from './lane-links.ts';
import { OneTimer } from '../one-timer.ts';

/**
 * Of one connection. A consumer that refuses must count for more than one that works has streams, so this
 * many streams to a working consumer do not hide it; beyond that the oldest place is given back.
 */
const MAX_HELD = 64;
/** As for idle lanes: a vhost may allow few sessions. */
const SHARE_OF_CHANNELS = 1 / 4;

interface HeldPlace {
  readonly stream: StreamOnWire;
  readonly sinceMs: number;
}

/**
 * Openings that came back from a consumer, kept unsettled for a while. A router gives a new stream to the
 * consumer with the fewest unsettled ones (skupper-router, `qdr_forward_balanced_CT`). One that refuses would
 * be rid of each at once, and be chosen again and again; while a refused opening keeps its place, the router
 * turns to another.
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

  hold(stream: StreamOnWire): void {
    if (this.#most === 0) return giveBack(stream);
    if (this.#held.length === this.#most) this.dropOldest();
    stream.links.handOver(this.#keeperOf(stream));
    this.#held.push({ stream, sinceMs: this.#clock.monotonicMs() });
    if (this.#held.length === 1) this.#timer.arm(DEADLINES.laneHeldMs, () => this.#sweep());
  }

  /** Its channel is free as soon as the router has answered. */
  dropOldest(): void {
    const oldest = this.#held.shift();
    if (oldest !== undefined) giveBack(oldest.stream);
    if (this.#held.length === 0) this.#timer.disarm();
  }

  /** The connection is gone: nothing is sent. */
  clear(): void {
    this.#held = [];
    this.#timer.disarm();
  }

  /** Whatever the router still says of it, the stream is over. */
  #keeperOf(stream: StreamOnWire): LinksUser {
    const end = (): void => this.#drop(stream);
    return {
      linksChanged() {},
      transferred: end,
      requestDisposed() {},
      responseDisposed() {},
      ended: end,
      forbidden: end,
    };
  }

  #drop(stream: StreamOnWire): void {
    const index = this.#held.findIndex((it) => it.stream === stream);
    if (index === -1) return;
    this.#held.splice(index, 1);
    giveBack(stream);
    if (this.#held.length === 0) this.#timer.disarm();
  }

  #sweep(): void {
    const untilMs = this.#clock.monotonicMs() - DEADLINES.laneHeldMs;
    while (this.#held.length > 0 && this.#held[0]!.sinceMs <= untilMs) this.dropOldest();
    const oldest = this.#held[0];
    if (oldest !== undefined) this.#timer.arm(oldest.sinceMs - untilMs, () => this.#sweep());
  }
}

function giveBack(stream: StreamOnWire): void {
  endOnWire(stream);
  stream.request.release();
}
