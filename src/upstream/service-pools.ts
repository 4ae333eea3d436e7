import type { Pool } from 'undici';
import { DEADLINES } from '../core/deadlines.ts';
import { GatewayError } from '../core/errors.ts';
import type { ServicePolicy } from '../policy/snapshot.ts';
import { createPool } from './connection-pool.ts';
import type { OpenConnection } from './connection-pool.ts';
import { DispatchHandler } from './dispatch-handler.ts';
import { RequestBody } from './request-body.ts';
import { UpgradeCall } from './upgrade-call.ts';
import type { Upstream, UpstreamCall, UpstreamReceiver, UpstreamRequest } from './upstream.ts';

/**
 * Requests that may wait for a connection of a service, as a multiple of its connections. Beyond it
 * `upstream_busy` is told at once: a queue longer than this only adds to a wait that is lost already.
 */
const QUEUE_PER_CONNECTION = 2;

interface ServicePool {
  readonly service: ServicePolicy;
  readonly pool: Pool;
  inFlight: number;
  /** Of these, connections that became streams of another protocol, or try to. */
  upgraded: number;
}

/**
 * One pool of upstream connections for each service, made at its first request. Services are told apart
 * by what they are and not by name: a request of an earlier policy goes where that policy said, and its
 * pool is never taken for the one of the policy that serves now.
 */
export class ServicePools implements Upstream {
  readonly #open: OpenConnection;
  /** By the service of a snapshot; several snapshots may lead to one pool. */
  #pools = new Map<ServicePolicy, ServicePool>();

  constructor(open: OpenConnection) {
    this.#open = open;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    const pool = this.#poolOf(request.service);
    if (isFull(pool, request)) return refuseBusy(request.service, receiver);
    return request.upgrade === undefined
      ? dispatch(pool, request, receiver)
      : this.#upgrade(pool, request, receiver);
  }

  /** Requests in flight per service, for metrics. */
  inFlight(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { service, inFlight } of this.#distinct()) {
      counts.set(service.name, (counts.get(service.name) ?? 0) + inFlight);
    }
    return counts;
  }

  /**
   * Lets go the pools of services that changed or are gone: requests in flight finish, new ones use a new
   * pool. A pool whose service is the same, value by value, keeps its connections.
   */
  retain(services: ReadonlyMap<string, ServicePolicy>): void {
    const kept = new Map<ServicePolicy, ServicePool>();
    for (const pool of this.#distinct()) {
      const service = services.get(pool.service.name);
      if (service !== undefined && isSameService(service, pool.service)) kept.set(service, pool);
      else void pool.pool.close();
    }
    this.#pools = kept;
  }

  /** New requests get new connections; those in flight finish, and their connections close then. */
  renew(): void {
    for (const { pool } of this.#distinct()) void pool.close();
    this.#pools.clear();
  }

  /** Closes every connection now; requests in flight fail. */
  async destroy(): Promise<void> {
    const pools = [...this.#distinct()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  /** On a connection of its own, outside of the pool. */
  #upgrade(entry: ServicePool, request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    entry.inFlight += 1;
    entry.upgraded += 1;
    const release = () => {
      entry.inFlight -= 1;
      entry.upgraded -= 1;
    };
    const call = new UpgradeCall({ request, receiver, open: this.#open, release });
    call.start();
    return call;
  }

  #poolOf(service: ServicePolicy): ServicePool {
    const known = this.#pools.get(service);
    if (known !== undefined) return known;
    const same = [...this.#distinct()].find((pool) => isSameService(service, pool.service));
    const entry = same ?? this.#create(service);
    this.#pools.set(service, entry);
    return entry;
  }

  #create(service: ServicePolicy): ServicePool {
    const keepAliveMs = DEADLINES.upstreamKeepAliveMs;
    const pool = createPool({ service, open: this.#open, keepAliveMs });
    return { service, pool, inFlight: 0, upgraded: 0 };
  }

  #distinct(): ReadonlySet<ServicePool> {
    return new Set(this.#pools.values());
  }
}

function dispatch(
  entry: ServicePool,
  request: UpstreamRequest,
  receiver: UpstreamReceiver,
): UpstreamCall {
  const body =
    request.body.length === 0
      ? undefined
      : new RequestBody(request.body, () => receiver.progress());
  const handler = new DispatchHandler({
    receiver,
    method: request.method,
    body,
    release: () => (entry.inFlight -= 1),
  });
  entry.inFlight += 1;
  entry.pool.dispatch(
    {
      path: request.target,
      method: request.method,
      headers: request.headers as string[],
      body: body ?? null,
    },
    handler,
  );
  return handler;
}

/** Upgrades do not wait: each holds its connection for as long as it likes. */
function isFull(entry: ServicePool, request: UpstreamRequest): boolean {
  if (request.upgrade !== undefined) return entry.upgraded >= entry.service.maxConnections;
  return (
    entry.inFlight - entry.upgraded >= entry.service.maxConnections * (1 + QUEUE_PER_CONNECTION)
  );
}

function refuseBusy(service: ServicePolicy, receiver: UpstreamReceiver): UpstreamCall {
  receiver.fail(
    new GatewayError('upstream_busy', {
      detail: `service ${service.name} has ${service.maxConnections} connections, all busy, and its queue is full`,
    }),
  );
  return { pause() {}, resume() {}, abort() {} };
}

function isSameService(a: ServicePolicy, b: ServicePolicy): boolean {
  // Snapshots are plain frozen data. A private key prints as redacted, but never changes without its certificate.
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
