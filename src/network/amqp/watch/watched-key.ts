import type { Clock, Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';

/** `unknown`: try it. */
export type Reachability = 'unknown' | 'reachable' | 'unreachable';

/** What is known of one routing key on one connection, and the link that it is known by. */
export class WatchedKey {
  readonly routingKey: string;
  readonly #clock: Clock;
  readonly #onUnreachable: (routingKey: string) => void;
  /** Our handle of the current link; each attempt has a new one. */
  handle = 0;
  /** The router's handle of it, once it answered. */
  remoteHandle: number | undefined;
  #reachability: Reachability = 'unknown';
  #grace: Timer | undefined;

  constructor(routingKey: string, clock: Clock, onUnreachable: (routingKey: string) => void) {
    this.routingKey = routingKey;
    this.#clock = clock;
    this.#onUnreachable = onUnreachable;
  }

  get reachability(): Reachability {
    return this.#reachability;
  }

  /** A new link is on its way; what the one before it said is forgotten. */
  attaching(handle: number): void {
    this.handle = handle;
    this.remoteHandle = undefined;
    this.becomeUnknown();
  }

  /** The router grants credit right behind its attach where there is a consumer. */
  attached(remoteHandle: number, isRefused: boolean): void {
    this.remoteHandle = remoteHandle;
    if (isRefused) return;
    this.#grace = this.#clock.after(DEADLINES.watchCreditMs, () => this.become('unreachable'));
  }

  become(reachability: Reachability): void {
    this.#grace?.cancel();
    if (this.#reachability === reachability) return;
    this.#reachability = reachability;
    if (reachability === 'unreachable') this.#onUnreachable(this.routingKey);
  }

  becomeUnknown(): void {
    this.become('unknown');
  }
}
