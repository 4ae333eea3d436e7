import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { type Retiree, Retirement } from '../core/retirement.ts';
import type { ServicePolicy } from '../policy/snapshot/snapshot.ts';
import { AutoConnections } from './auto-connections.ts';
import type { OpenConnection } from './http1/connection-pool.ts';
import { NO_REPORTS } from './connection-reports.ts';
import type { ConnectionReports } from './connection-reports.ts';
import { H2Connections, stopping } from './http2/h2-connections.ts';
import { STREAMS_PER_CONNECTION } from './http2/h2-session.ts';
import { Http1Connections } from './http1/http1-connections.ts';
import { isSameValue } from '../core/same-value.ts';
import type { ServiceConnections } from './service-connections.ts';
import { UpgradeCall } from './upgrade/upgrade-call.ts';
import type { Upstream, UpstreamCall, UpstreamReceiver, UpstreamRequest } from './upstream.ts';

/**
 * Requests that may wait for a connection of a service, as a multiple of its connections. Beyond it
 * `upstream_busy` is told at once: a queue longer than this only adds to a wait that is lost already.
 */
const QUEUE_PER_CONNECTION = 2;

/** The connections to one service, and who uses them. */
class ServicePool implements Retiree {
  readonly service: ServicePolicy;
  readonly connections: ServiceConnections;
  inFlight = 0;
  /** Of these, connections that became streams of another protocol, or try to. */
  readonly #upgrades = new Set<UpgradeCall>();
  /** Called when it is retired, and nothing is left but upgrades. */
  #over: (() => void) | undefined;

  constructor(service: ServicePolicy, connections: ServiceConnections) {
    this.service = service;
    this.connections = connections;
  }

  get upgradeCount(): number {
    return this.#upgrades.size;
  }

  began(call: UpgradeCall): void {
    this.inFlight += 1;
    this.#upgrades.add(call);
  }

  ended(call: UpgradeCall): void {
    this.inFlight -= 1;
    this.#upgrades.delete(call);
    if (this.#upgrades.size === 0) this.#over?.();
  }

  retire(over: () => void): void {
    void this.connections.close().then(() => {
      this.#over = over;
      if (this.#upgrades.size === 0) over();
    });
  }

  /** Requests in flight fail. */
  close(): Promise<void> {
    for (const call of this.#upgrades) call.cut(stopping());
    return this.connections.destroy();
  }
}

/**
 * One pool of upstream connections for each service, made at its first request. Services are told apart
 * by what they are and not by name: a request of an earlier policy goes where that policy said, and its
 * pool is never taken for the one of the policy that serves now.
 */
export class ServicePools implements Upstream {
  readonly #open: OpenConnection;
  readonly #clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly #reports: ConnectionReports;
  /** By the service of a snapshot; several snapshots may lead to one pool. */
  #pools = new Map<ServicePolicy, ServicePool>();
  /** With requests in flight: they get no others. */
  readonly #retired = new Retirement<ServicePool>();

  constructor(
    open: OpenConnection,
    clock: Pick<Clock, 'after' | 'monotonicMs'>,
    reports = NO_REPORTS,
  ) {
    this.#open = open;
    this.#clock = clock;
    this.#reports = reports;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    const pool = this.#poolOf(request.service);
    if (isFull(pool, request)) return refuseBusy(request.service, receiver);
    if (request.upgrade !== undefined) return this.#upgrade(pool, request, receiver);
    pool.inFlight += 1;
    return pool.connections.send(request, receiver, () => (pool.inFlight -= 1));
  }

  /** Requests in flight per service, for metrics. */
  inFlight(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { service, inFlight } of [...this.#distinct(), ...this.#retired.things]) {
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
      const service = variantsOf(services.get(pool.service.name)).find((each) =>
        isSameValue(each, pool.service),
      );
      if (service === undefined) this.#retired.retire(pool);
      else kept.set(service, pool);
    }
    this.#pools = kept;
  }

  /** New requests get new connections; those in flight finish, and their connections close then. */
  renew(): void {
    for (const pool of this.#distinct()) this.#retired.retire(pool);
    this.#pools.clear();
  }

  /** Closes every connection now, those of pools that were let go too; requests in flight fail. */
  async destroy(): Promise<void> {
    const pools = this.#distinct();
    this.#pools.clear();
    for (const pool of pools) void this.#retired.close(pool);
    await this.#retired.closeAll();
  }

  /** On a connection of its own, outside of the pool. */
  #upgrade(entry: ServicePool, request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    const release = () => entry.ended(call);
    // WebSocket is an upgrade of HTTP/1.1, whatever else the application speaks.
    const open = () => this.#open({ ...request.service, protocol: 'http1' });
    const call = new UpgradeCall({
      request,
      receiver,
      open,
      clock: this.#clock,
      reports: this.#reports,
      release,
    });
    entry.began(call);
    call.start();
    return call;
  }

  #poolOf(service: ServicePolicy): ServicePool {
    const known = this.#pools.get(service);
    if (known !== undefined) return known;
    const same = [...this.#distinct()].find((pool) => isSameValue(service, pool.service));
    const entry = same ?? this.#create(service);
    this.#pools.set(service, entry);
    return entry;
  }

  #create(service: ServicePolicy): ServicePool {
    return new ServicePool(service, this.#connections(service));
  }

  #connections(service: ServicePolicy): ServiceConnections {
    const parts = {
      service,
      open: this.#open,
      reports: this.#reports,
      clock: this.#clock,
    };
    if (service.protocol === 'http1') return new Http1Connections(parts);
    return service.protocol === 'h2' ? new H2Connections(parts) : new AutoConnections(parts);
  }

  #distinct(): ReadonlySet<ServicePool> {
    return new Set(this.#pools.values());
  }
}

/** Each has a pool of its own: one routing key that fails does not take connections of the others. */
function variantsOf(service: ServicePolicy | undefined): readonly ServicePolicy[] {
  if (service === undefined) return [];
  return service.addresses?.members.map((member) => member.service) ?? [service];
}

/** Upgrades do not wait: each holds its connection for as long as it likes. */
function isFull(entry: ServicePool, request: UpstreamRequest): boolean {
  if (request.upgrade !== undefined) return entry.upgradeCount >= entry.service.maxConnections;
  const { balance, maxConnections, protocol } = entry.service;
  const isShared = protocol !== 'http1' && balance === 'connection';
  const places = maxConnections * (isShared ? STREAMS_PER_CONNECTION : 1);
  return entry.inFlight - entry.upgradeCount >= places * (1 + QUEUE_PER_CONNECTION);
}

function refuseBusy(service: ServicePolicy, receiver: UpstreamReceiver): UpstreamCall {
  receiver.fail(
    new GatewayError('upstream_busy', {
      detail: `service ${service.name} has ${service.maxConnections} connections, all busy, and its queue is full`,
    }),
  );
  return { pause() {}, resume() {}, abort() {} };
}
