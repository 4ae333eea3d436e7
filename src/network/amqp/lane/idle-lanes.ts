import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { LaneLinks } from './lane-links.ts';
import { OneTimer } from '../one-timer.ts';

/** A burst of streams leaves so many behind on one connection; the router keeps a session for each. */
const MAX_IDLE_LANES = 64;
/** A vhost may allow few sessions (`maxSessions`): most of them are for lanes to other services. */
const SHARE_OF_CHANNELS = 1 / 4;

interface IdleLane {
  readonly links: LaneLinks;
  readonly sinceMs: number;
}

/**
 * Links whose stream ended clean, kept for the next stream to their routing key: opening one then
 * costs two frames instead of six, and half of the writes (router-stream-protocol.md 9).
 */
export class IdleLanes {
  readonly #clock: Clock;
  readonly #timer: OneTimer;
  readonly #most: number;
  /** In the order in which they became idle. */
  #idle: IdleLane[] = [];

  /** `channelMax`: the highest channel number of the connection. */
  constructor(clock: Clock, channelMax: number) {
    this.#clock = clock;
    this.#most = Math.min(MAX_IDLE_LANES, Math.floor((channelMax + 1) * SHARE_OF_CHANNELS));
    this.#timer = new OneTimer(clock);
  }

  /** Those used last, so that a surplus ages. Undefined when none of the routing key can open at once. */
  take(routingKey: string): LaneLinks | undefined {
    const index = this.#idle.findLastIndex(
      ({ links }) => links.routingKey === routingKey && links.canCarryNext,
    );
    return index === -1 ? undefined : this.#idle.splice(index, 1)[0]!.links;
  }

  put(links: LaneLinks): void {
    if (this.#most === 0) return links.session.end();
    if (this.#idle.length === this.#most) this.dropOldest();
    this.#idle.push({ links, sinceMs: this.#clock.monotonicMs() });
    if (this.#idle.length === 1) this.#timer.arm(DEADLINES.laneIdleMs, () => this.#sweep());
  }

  /** Its channel is free as soon as the router has answered. */
  dropOldest(): void {
    this.#idle.shift()?.links.session.end();
  }

  /** The router ended these. */
  remove(links: LaneLinks): void {
    this.#keep((other) => other !== links);
  }

  /** Ends all of a routing key that has no consumer: their credit is from before. */
  drop(routingKey: string): void {
    this.#keep((links) => links.routingKey !== routingKey);
  }

  /** The connection is gone: nothing is sent. */
  clear(): void {
    this.#idle = [];
    this.#timer.disarm();
  }

  #sweep(): void {
    const untilMs = this.#clock.monotonicMs() - DEADLINES.laneIdleMs;
    this.#keep((_, sinceMs) => sinceMs > untilMs);
    const oldest = this.#idle[0];
    if (oldest !== undefined) this.#timer.arm(oldest.sinceMs - untilMs, () => this.#sweep());
  }

  /** Ends the others. */
  #keep(isKept: (links: LaneLinks, sinceMs: number) => boolean): void {
    const all = this.#idle;
    this.#idle = all.filter(({ links, sinceMs }) => isKept(links, sinceMs));
    for (const lane of all) if (!this.#idle.includes(lane)) lane.links.session.end();
  }
}
