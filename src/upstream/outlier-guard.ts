import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { FaultCode } from '../core/errors.ts';
import type { ServicePolicy } from '../policy/snapshot.ts';
import type { OpenConnection } from './connection-pool.ts';
import { isTlsError } from './lane-tls.ts';
import { isSameService } from './same-service.ts';

/**
 * Faults of the application itself. Whether the network has a consumer, or a router, is known without
 * probing, and a service that comes back there must not wait for a back-off to pass.
 * A certificate that is not trusted stays so for longer than any back-off, and each attempt costs both
 * sides a handshake, so it counts as well; new files in the policy are tried at once (`retain`).
 */
const COUNTED: ReadonlySet<FaultCode> = new Set([
  'upstream_connect_failed',
  'upstream_connect_timeout',
  'upstream_tls_failed',
]);

/** One service's record: `failures` in a row, and when it may be tried again once there were too many. */
interface ServiceState {
  readonly service: ServicePolicy;
  failures: number;
  /** Open connections: one that has delivered an octet proves that the service works. */
  readonly streams: Set<Duplex>;
  /** Attempts that are under way while the service is closed to all others. */
  readonly probes: Set<Attempt>;
  /** Counts the pauses: of the probes between two of them only one makes the next longer. */
  pauses: number;
  /** Undefined: open to all. */
  nextProbeMs: number | undefined;
  delayMs: number;
  lastDetail: string;
}

interface Attempt {
  readonly state: ServiceState;
  /** The pause that it follows; undefined: it is no probe. */
  readonly probeOf: number | undefined;
  readonly countsResets: boolean;
}

/**
 * A router gives a new connection to the consumer with the fewest open ones. A single probe would go to the
 * consumer that refuses again and again; of two at the same time the second goes to another.
 */
const PROBES_AT_ONCE = 2;

export interface OutlierGuardOptions {
  /** Probes of one service that may be under way together. Default 2. */
  readonly probesAtOnce?: number;
}

export interface GuardOptions {
  /**
   * False (passthrough): a connection that opened is no failure however it ends. What its client said was
   * read by nobody here, and no client may close a service to all others. Default true.
   */
  readonly countsResets?: boolean;
}

/**
 * Keeps requests from a service whose connections keep failing (policy-language section 8, outlier), be it
 * before they open or before the first octet of an answer: after some failures in a row two attempts at a
 * time go through, with growing pauses, and everything else is told 503 at once. The first
 * answer opens the service to all again. What streams delivered is looked at only when it matters, so a
 * service that works costs nothing here.
 */
export class OutlierGuard {
  readonly #clock: Clock;
  readonly #probesAtOnce: number;
  /** By name; services come from the policy, so there are few. */
  readonly #states = new Map<string, ServiceState>();

  constructor(clock: Clock, { probesAtOnce = PROBES_AT_ONCE }: OutlierGuardOptions = {}) {
    this.#clock = clock;
    this.#probesAtOnce = probesAtOnce;
  }

  /** The same way to open connections, guarded. */
  guard(open: OpenConnection, { countsResets = true }: GuardOptions = {}): OpenConnection {
    return (service) => {
      const state = this.#stateOf(service);
      if (!this.#admits(state)) return Promise.reject(refusal(state));
      const probeOf = state.nextProbeMs === undefined ? undefined : state.pauses;
      const attempt = { state, probeOf, countsResets };
      if (probeOf !== undefined) state.probes.add(attempt);
      return this.#observed(open(service), attempt);
    };
  }

  /** Services that are being probed, for metrics. */
  get probing(): readonly string[] {
    return [...this.#states].flatMap(([name, it]) => (it.nextProbeMs === undefined ? [] : [name]));
  }

  /** Forgets services that the policy does not have any more, or leads to in another way. */
  retain(services: ReadonlyMap<string, ServicePolicy>): void {
    for (const [name, { service }] of this.#states) {
      const kept = services.get(name);
      if (kept === undefined || !isSameService(kept, service)) this.#states.delete(name);
    }
  }

  #stateOf(service: ServicePolicy): ServiceState {
    let state = this.#states.get(service.name);
    if (state === undefined) {
      state = newState(service);
      this.#states.set(service.name, state);
    }
    return state;
  }

  #admits(state: ServiceState): boolean {
    if (state.nextProbeMs === undefined) return true;
    if (hasDelivered(state)) reopen(state);
    if (state.nextProbeMs === undefined) return true;
    if (state.probes.size >= this.#probesAtOnce) return false;
    return this.#clock.monotonicMs() >= state.nextProbeMs;
  }

  async #observed(opening: Promise<Duplex>, attempt: Attempt): Promise<Duplex> {
    try {
      const stream = await opening;
      // Its close was told before anybody could listen, and a probe would wait for it for ever.
      if (stream.destroyed) throw diedEarly(attempt.state, stream);
      this.#watch(stream, attempt);
      return stream;
    } catch (error) {
      this.#failed(error, attempt);
      throw error;
    }
  }

  /** The probe lasts until its connection has delivered something, or is closed. */
  #watch(stream: Duplex, attempt: Attempt): void {
    const { state, countsResets } = attempt;
    state.streams.add(stream);
    stream.once('error', (error) => {
      const isCounted = countsResets && !stream.readableDidRead && isLateFailure(error);
      if (isCounted) this.#count(error, attempt);
    });
    stream.once('close', () => {
      state.streams.delete(stream);
      if (stream.readableDidRead) reopen(state);
      else state.probes.delete(attempt);
    });
  }

  #failed(error: unknown, attempt: Attempt): void {
    attempt.state.probes.delete(attempt);
    if (error instanceof GatewayError && COUNTED.has(error.code)) this.#count(error, attempt);
  }

  #count(error: Error, { state, probeOf }: Attempt): void {
    // Another connection works, so it is not the service as a whole.
    if (hasDelivered(state)) return reopen(state);
    const { outlier } = state.service;
    state.failures += 1;
    state.lastDetail = error.message;
    if (state.failures < outlier.failures) return;
    // Attempts that were under way when the pause began must not make it longer.
    if (state.nextProbeMs !== undefined && probeOf !== state.pauses) return;
    state.pauses += 1;
    state.delayMs = Math.min(outlier.maxMs, Math.max(outlier.minMs, state.delayMs * 2));
    state.nextProbeMs = this.#clock.monotonicMs() + state.delayMs;
  }
}

function refusal({ service: { name }, failures, lastDetail }: ServiceState): GatewayError {
  const detail = `service ${name} failed ${failures} times in a row and is being probed: ${lastDetail}`;
  // Not for another attempt: nothing has changed within a request's time.
  return new GatewayError('service_unavailable', { detail });
}

function diedEarly({ service: { name } }: ServiceState, { errored }: Duplex): GatewayError {
  const detail = `service ${name}: the connection ended as it opened: ${errored?.message ?? 'closed'}`;
  return new GatewayError('upstream_connect_failed', { detail, retryable: true, cause: errored });
}

function newState(service: ServicePolicy): ServiceState {
  return {
    service,
    failures: 0,
    streams: new Set(),
    probes: new Set(),
    pauses: 0,
    nextProbeMs: undefined,
    delayMs: 0,
    lastDetail: '',
  };
}

function reopen(state: ServiceState): void {
  state.failures = 0;
  state.probes.clear();
  state.nextProbeMs = undefined;
  state.delayMs = 0;
}

function hasDelivered({ streams }: ServiceState): boolean {
  for (const stream of streams) if (stream.readableDidRead) return true;
  return false;
}

/** Of a connection that was open. TLS 1.3 tells of a client certificate refused only now. */
function isLateFailure(error: Error): boolean {
  if (!(error instanceof GatewayError)) return isTlsError(error);
  return error.code === 'upstream_reset' || COUNTED.has(error.code);
}
