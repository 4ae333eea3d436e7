import type { Duplex } from 'node:stream';
import type { Channel } from '../core/channel.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { RoutingKey } from '../core/ids.ts';
import type { NetworkPolicy } from '../policy/snapshot/snapshot.ts';
import type { LaneOptions } from './amqp/lane/lane-options.ts';
import { ChannelStream } from './channel-stream.ts';
import type { ConnectOptions, NetworkStatus, SkupperNetwork } from './skupper-network.ts';
import { RouterSlot } from './router-slot.ts';
import {
  type FailedWay,
  type OpenedLane,
  ConnectAttempts,
  type Way,
  givenUp,
} from './connect-attempts.ts';

export interface RouterNetworkOptions {
  readonly policy: NetworkPolicy;
  readonly clock: Clock;
  /** A number from 0 up to 1: Math.random in the program, fixed in tests. */
  readonly random: () => number;
  readonly log: (message: string) => void;
  /** Unique among processes: a router takes two connections of one id for one. */
  readonly containerId: string;
  readonly version: string;
  /** The routing keys that may be opened. Undefined: any, and none is watched. */
  readonly routingKeys?: ReadonlySet<RoutingKey>;
}

/** The network by AMQP: `policy.connections` connections to each entry router, kept up for ever. */
export class RouterNetwork implements SkupperNetwork {
  readonly #clock: Clock;
  readonly #slots: readonly RouterSlot[];
  #listener: () => void = () => {};
  #doubtListener: () => void = () => {};
  #isReady = false;
  #unreadySinceMs: number;
  #routingKeys: ReadonlySet<RoutingKey> | undefined;
  /** Of a network that was replaced. */
  #over: (() => void) | undefined;

  constructor(options: RouterNetworkOptions) {
    this.#clock = options.clock;
    this.#unreadySinceMs = options.clock.now();
    this.#routingKeys = options.routingKeys;
    this.#slots = this.#makeSlots(options);
  }

  /** Begins to connect; `onChange` tells when it did. */
  start(): void {
    for (const slot of this.#slots) slot.start();
  }

  async connect(routingKey: RoutingKey, options: ConnectOptions): Promise<Duplex> {
    return new ChannelStream(await this.open(routingKey, options));
  }

  open(routingKey: RoutingKey, options: ConnectOptions): Promise<Channel> {
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(givenUp(signal));
    if (this.#routingKeys?.has(routingKey) === false)
      return Promise.reject(notPermitted(routingKey));
    const opening = new ConnectAttempts(routingKey, {
      options,
      clock: this.#clock,
      open: (request, failed) => this.#open(request, failed),
    });
    return opening.begin() ? opening.opened : Promise.reject(this.#unavailable(routingKey));
  }

  reachability(routingKey: RoutingKey): 'reachable' | 'unreachable' | 'unknown' {
    const known = this.#slots.flatMap(({ connection }) =>
      connection === undefined ? [] : [connection.reachability(routingKey)],
    );
    if (known.includes('reachable')) return 'reachable';
    return known.length === 0 || known.includes('unknown') ? 'unknown' : 'unreachable';
  }

  permit(routingKeys: ReadonlySet<RoutingKey>): void {
    this.#routingKeys = routingKeys;
    for (const { connection } of this.#slots) connection?.watch(routingKeys);
  }

  status(): NetworkStatus {
    return {
      isReady: this.#isReady,
      reason: this.#isReady ? undefined : this.#reason(),
      connections: this.#slots.map((slot) => slot.status),
    };
  }

  onDoubt(listener: () => void): void {
    this.#doubtListener = listener;
  }

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  retire(over: () => void): void {
    this.#over = over;
    this.#laneEnded();
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  #makeSlots(options: RouterNetworkOptions): RouterSlot[] {
    const { policy } = options;
    return policy.links.flatMap((link, linkIndex) =>
      Array.from({ length: policy.connections }, (_, index) => {
        const containerId = `${options.containerId}.${linkIndex}.${index}`;
        return new RouterSlot({
          ...options,
          link,
          containerId,
          routingKeys: () => this.#routingKeys,
          onIdle: () => this.#laneEnded(),
          onDoubt: () => this.#doubtListener(),
          onChange: () => this.#changed(),
        });
      }),
    );
  }

  /** On the connection with the fewest lanes; one that is doubted, or refused lately, only when there is no other. */
  #open(options: LaneOptions, failed: FailedWay | undefined): OpenedLane | undefined {
    const { routingKey } = options;
    for (const { connection, routerId } of this.#candidates(routingKey)) {
      if (connection.reachability(routingKey) === 'unreachable') continue;
      if (failed !== undefined && !leads({ connection, routerId }, routingKey, failed)) {
        continue;
      }
      const lane = connection.openLane(options);
      if (lane !== undefined) return { lane, connection, routerId };
    }
    return undefined;
  }

  #candidates(routingKey: string): Way[] {
    return this.#slots
      .filter((slot): slot is RouterSlot & Way => slot.connection !== undefined)
      .sort(
        ({ connection: a }, { connection: b }) =>
          Number(b.isFit) - Number(a.isFit) ||
          Number(a.hasRefused(routingKey)) - Number(b.hasRefused(routingKey)) ||
          a.laneCount - b.laneCount,
      );
  }

  /** In a turn of its own: the last frames of the lane are written by then. */
  #laneEnded(): void {
    if (this.#over === undefined || this.#laneCount() > 0) return;
    setImmediate(this.#over);
    this.#over = undefined;
  }

  #laneCount(): number {
    return this.#slots.reduce((sum, { connection }) => sum + (connection?.laneCount ?? 0), 0);
  }

  #changed(): void {
    const isReady = this.#slots.some((slot) => slot.connection !== undefined);
    if (this.#isReady && !isReady) this.#unreadySinceMs = this.#clock.now();
    this.#isReady = isReady;
    this.#listener();
  }

  #unavailable(routingKey: RoutingKey): GatewayError {
    const open = this.#candidates(routingKey);
    const isUnreachable = open.every(
      ({ connection: it }) => it.reachability(routingKey) === 'unreachable',
    );
    if (open.length > 0 && isUnreachable) return withoutConsumer(routingKey);
    const detail = this.#isReady ? 'every channel of every router connection is in use' : undefined;
    return new GatewayError('network_unavailable', {
      detail: detail ?? this.#reason(),
      retryable: true,
    });
  }

  #reason(): string {
    const since = new Date(this.#unreadySinceMs).toISOString();
    const last = this.#slots.map((slot) => slot.status.lastError).find((error) => error);
    const because = last === undefined ? '' : `: ${last}`;
    return `no router connection is open, since ${since}${because}`;
  }
}

/** Whether a stream that failed on another way may try this one. */
function leads(
  { connection, routerId }: Way,
  routingKey: string,
  { way: before, reason }: FailedWay,
): boolean {
  if (!connection.isFit) return false;
  switch (reason) {
    case 'lost':
      return connection !== before.connection;
    case 'came-back':
      return !connection.hasRefused(routingKey) || connection.mayTurn(routingKey);
    case 'no-way':
      return routerId !== before.routerId;
    case 'failed':
      return connection !== before.connection && !connection.hasRefused(routingKey);
  }
}

/** Told at once, from what is known already; nothing was tried. */
function withoutConsumer(routingKey: RoutingKey): GatewayError {
  const detail = `${routingKey}: no router connection knows a consumer`;
  return new GatewayError('service_unavailable', { detail, retryable: true });
}

/** A bug of ours: the policy names every key that a request can lead to. */
function notPermitted(routingKey: RoutingKey): GatewayError {
  const detail = `routing key ${routingKey} is not among those of the policy`;
  return new GatewayError('internal', { detail });
}
