import type { Clock } from '../../../core/clock.ts';
import {
  AmqpError,
  type Attach,
  type Detach,
  type Disposition,
  type Flow,
  type Transfer,
  decodeAddressChange,
} from '../codec/codec.ts';
import { type Session, type SessionHandler, describe } from '../session/session.ts';
import {
  TRACKING_HANDLE,
  TRACKING_NAME,
  trackingAttach,
  watchAttach,
  watchName,
} from './watch-frames.ts';
import { type Reachability, WatchedKey } from './watched-key.ts';

export interface ServiceWatchOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly log: (message: string) => void;
  /** The routing key turned out to have no consumer: what waits for one can be told. */
  readonly onUnreachable: (routingKey: string) => void;
}

/** A router's handles for our links; there are as many as routing keys, and new ones after doubts. */
const WATCH_HANDLE_MAX = 65_535;
/** Tracking messages the router may send ahead. */
const TRACKING_CREDIT = 32;
/** A tracking message has about 80 octets. */
const MAX_MESSAGE_BYTES = 4_096;

/**
 * Knows which routing keys have consumers, on one connection, without asking for each request: a sender
 * for each key, whose credit says that there is one, and on edge listeners the router's address
 * tracking, which also says that the last one left. On others a lane that gets no credit raises
 * the doubt, and a fresh sender settles it.
 */
export class ServiceWatch implements SessionHandler {
  readonly #options: ServiceWatchOptions;
  readonly #keys = new Map<string, WatchedKey>();
  /** By the name of the link, until the router answers. */
  readonly #attaching = new Map<string, WatchedKey>();
  /** By the router's handle. */
  readonly #attached = new Map<number, WatchedKey>();
  #nextHandle = TRACKING_HANDLE + 1;
  #trackingRemote: number | undefined;
  #trackingCount = 0;
  #message: Buffer = Buffer.alloc(0);

  constructor(options: ServiceWatchOptions) {
    this.#options = options;
  }

  start(routingKeys: ReadonlySet<string>): void {
    const { session } = this.#options;
    session.begin(this, WATCH_HANDLE_MAX);
    session.send(trackingAttach());
    this.#grantTracking();
    this.watch(routingKeys);
  }

  /** Replaces the keys. */
  watch(routingKeys: ReadonlySet<string>): void {
    for (const [routingKey, key] of this.#keys) {
      if (!routingKeys.has(routingKey)) this.#drop(key);
    }
    for (const routingKey of routingKeys) {
      if (!this.#keys.has(routingKey)) this.#add(routingKey);
    }
  }

  reachability(routingKey: string): Reachability {
    return this.#keys.get(routingKey)?.reachability ?? 'unknown';
  }

  /** A lane got no credit, or its opening came back: a fresh sender tells whether anybody is there. */
  doubt(routingKey: string): void {
    const key = this.#keys.get(routingKey);
    // While a sender is on its way, or after it said no, there is nothing to find out.
    if (key?.reachability !== 'reachable') return;
    this.#detach(key);
    this.#attach(key);
  }

  /** The connection is gone. */
  stop(): void {
    for (const key of this.#keys.values()) key.becomeUnknown();
    this.#keys.clear();
  }

  attached(attach: Attach): void {
    if (attach.name === TRACKING_NAME) {
      this.#trackingRemote = attach.handle;
      return;
    }
    const key = this.#attaching.get(attach.name);
    this.#attaching.delete(attach.name);
    if (key === undefined) return;
    this.#attached.set(attach.handle, key);
    // A refused link is answered with an empty target, and detached then (AMQP 2.6.3).
    key.attached(attach.handle, attach.target?.address === undefined);
  }

  flowed(flow: Flow): void {
    const key = flow.handle === undefined ? undefined : this.#attached.get(flow.handle);
    if (key !== undefined && (flow.linkCredit ?? 0) > 0) key.become('reachable');
  }

  transferred(transfer: Transfer, payload: Buffer): void {
    if (transfer.handle !== this.#trackingRemote) {
      throw new AmqpError('amqp:session:unattached-handle', `transfer on ${transfer.handle}`);
    }
    if (this.#options.session.window.consumed()) this.#grantTracking();
    this.#message = Buffer.concat([this.#message, payload]);
    if (this.#message.length > MAX_MESSAGE_BYTES) {
      throw new AmqpError('amqp:decode-error', 'tracking message too long');
    }
    if (transfer.more === true) return;
    const message = this.#message;
    this.#message = Buffer.alloc(0);
    this.#accept(transfer);
    if (transfer.aborted !== true) this.#tracked(message);
  }

  disposed(_disposition: Disposition): void {
    // Nothing is ever sent here that could be decided about.
  }

  detached(detach: Detach): void {
    const { session, log } = this.#options;
    if (detach.handle === this.#trackingRemote) {
      // Normal listeners have no tracking, and a policy may forbid it: the senders do without.
      this.#trackingRemote = undefined;
      return session.send({ kind: 'detach', handle: TRACKING_HANDLE, closed: true });
    }
    const key = this.#attached.get(detach.handle);
    // Unknown: the answer to a detach of ours.
    if (key === undefined) return;
    this.#attached.delete(detach.handle);
    session.send({ kind: 'detach', handle: key.handle, closed: true });
    key.becomeUnknown();
    log(describe(detach.error, `router does not let ${key.routingKey} be watched`));
  }

  ended(reason: string): void {
    this.#options.log(`services are no longer watched: ${reason}`);
    this.stop();
  }

  #tracked(message: Buffer): void {
    const change = decodeAddressChange(message);
    if (change === undefined) return;
    const key = this.#keys.get(change.routingKey);
    key?.become(change.isReachable ? 'reachable' : 'unreachable');
  }

  #accept({ deliveryId, settled }: Transfer): void {
    this.#trackingCount += 1;
    this.#grantTracking();
    if (settled === true || deliveryId === undefined) return;
    this.#options.session.send({
      kind: 'disposition',
      role: true,
      first: deliveryId,
      last: deliveryId,
      settled: true,
      state: { kind: 'accepted' },
    });
  }

  #grantTracking(): void {
    this.#options.session.sendFlow({
      handle: TRACKING_HANDLE,
      deliveryCount: this.#trackingCount,
      linkCredit: TRACKING_CREDIT,
    });
  }

  #add(routingKey: string): void {
    const { clock, onUnreachable } = this.#options;
    const key = new WatchedKey(routingKey, clock, onUnreachable);
    this.#keys.set(routingKey, key);
    this.#attach(key);
  }

  #attach(key: WatchedKey): void {
    const attach = watchAttach(this.#nextHandle, key.routingKey);
    this.#nextHandle += 1;
    key.attaching(attach.handle);
    this.#attaching.set(attach.name, key);
    this.#options.session.send(attach);
  }

  #drop(key: WatchedKey): void {
    this.#keys.delete(key.routingKey);
    key.becomeUnknown();
    this.#detach(key);
  }

  #detach(key: WatchedKey): void {
    if (key.remoteHandle !== undefined) this.#attached.delete(key.remoteHandle);
    // Its answers, attach and detach, mean nothing any more.
    this.#attaching.delete(watchName(key.handle));
    this.#options.session.send({ kind: 'detach', handle: key.handle, closed: true });
  }
}
