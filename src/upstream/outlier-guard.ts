import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { FaultCode } from '../core/errors.ts';
import type { ServicePolicy } from '../policy/snapshot/snapshot.ts';
import type { OpenConnection } from './http1/connection-pool.ts';
import type { ConnectionReports } from './connection-reports.ts';
import { isSameValue } from '../core/same-value.ts';

/**
 * Faults that count against a service, when the application is their origin. Whether the network has a
 * consumer, or a router, is known without probing, and a service that comes back there must not wait for a
 * back-off to pass. An answer that comes late, or is not HTTP, shows that the application is there: one slow
 * path must not close the others.
 * A certificate that is not trusted stays so for longer than any back-off, and each attempt costs both
 * sides a handshake, so it counts as well; new files in the policy are tried at once (`retain`).
 */
const COUNTED: ReadonlySet<FaultCode> = new Set([
  'upstream_connect_failed',
  'upstream_connect_timeout',
  'upstream_tls_failed',
  'upstream_reset',
]);

/** `docs/errors.md` says it of each code. */
export function countsAgainstService({ code, origin }: GatewayError): boolean {
  return origin === 'application' && COUNTED.has(code);
}

/** One service's record: `failures` in a row, and when it may be tried again once there were too many. */
interface ServiceState {
  readonly service: ServicePolicy;
  failures: number;
  /** Whose connection is open: one that has answered proves that the service works. */
  readonly open: Set<Attempt>;
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
  readonly startedMs: number;
  connection: Duplex | undefined;
  /** Its user said so. */
  isAnswered: boolean;
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

/**
 * Keeps requests from a service whose application keeps failing (policy-language.md 8, outlier), be it
 * before a connection opens or before the first octet of an answer: after some failures in a row two attempts
 * at a time go through, with growing pauses, and everything else is told 503 at once. The first answer opens
 * the service to all again.
 * It sees openings itself. Of an open connection it is told (`ConnectionReports`) by whoever wrote a request
 * on it, and what nobody tells never counts: a request that was given up, a connection without a request.
 * What connections delivered is looked at only when it matters, so a service that works costs nothing here.
 */
export class OutlierGuard implements ConnectionReports {
  readonly #clock: Clock;
  readonly #probesAtOnce: number;
  /** By name and routing key; services come from the policy, so there are few. */
  readonly #states = new Map<string, ServiceState>();
  readonly #attempts = new WeakMap<Duplex, Attempt>();

  constructor(clock: Clock, { probesAtOnce = PROBES_AT_ONCE }: OutlierGuardOptions = {}) {
    this.#clock = clock;
    this.#probesAtOnce = probesAtOnce;
  }

  /** The same way to open connections, guarded. */
  guard(open: OpenConnection): OpenConnection {
    return (service) => {
      const state = this.#stateOf(service);
      if (!this.#admits(state)) return Promise.reject(refusal(state));
      return this.#observed(open(service), this.#begin(state));
    };
  }

  /** Whether an opening would be tried now. */
  admits(service: ServicePolicy): boolean {
    const state = this.#states.get(keyOf(service));
    return state === undefined || this.#admits(state);
  }

  answered(connection: Duplex): void {
    const attempt = this.#attempts.get(connection);
    if (attempt !== undefined) attempt.isAnswered = true;
  }

  failed(connection: Duplex, error: GatewayError): void {
    const attempt = this.#attempts.get(connection);
    if (attempt === undefined || hasAnswered(attempt) || !countsAgainstService(error)) return;
    // One connection is one failure, however many requests it takes with it.
    this.#attempts.delete(connection);
    this.#count(error, attempt);
  }

  /** Services that are being probed, for metrics. */
  get probing(): readonly string[] {
    const probed = [...this.#states.values()].filter((it) => it.nextProbeMs !== undefined);
    return [...new Set(probed.map(({ service }) => service.name))];
  }

  /** Forgets services that the policy does not have any more, or leads to in another way. */
  retain(services: ReadonlyMap<string, ServicePolicy>): void {
    for (const [key, { service }] of this.#states) {
      const kept = services.get(service.name);
      const variants = kept?.addresses?.members.map((member) => member.service) ?? [kept];
      if (!variants.some((each) => isSameValue(each, service))) this.#states.delete(key);
    }
  }

  #stateOf(service: ServicePolicy): ServiceState {
    const key = keyOf(service);
    let state = this.#states.get(key);
    if (state === undefined) {
      state = newState(service);
      this.#states.set(key, state);
    }
    return state;
  }

  #admits(state: ServiceState): boolean {
    if (state.nextProbeMs !== undefined && hasDelivered(state)) reopen(state);
    if (state.nextProbeMs === undefined) return true;
    const now = this.#clock.monotonicMs();
    // A request that waits long for its answer must not keep the place of a probe for as long.
    for (const probe of state.probes) {
      if (now - probe.startedMs >= state.delayMs) state.probes.delete(probe);
    }
    return state.probes.size < this.#probesAtOnce && now >= state.nextProbeMs;
  }

  #begin(state: ServiceState): Attempt {
    const isProbe = state.nextProbeMs !== undefined;
    const attempt: Attempt = {
      state,
      probeOf: isProbe ? state.pauses : undefined,
      startedMs: this.#clock.monotonicMs(),
      connection: undefined,
      isAnswered: false,
    };
    if (isProbe) state.probes.add(attempt);
    return attempt;
  }

  async #observed(opening: Promise<Duplex>, attempt: Attempt): Promise<Duplex> {
    try {
      const connection = await opening;
      // 'close' was emitted before we could subscribe, and a probe would wait for it for ever.
      if (connection.destroyed) throw diedEarly(attempt.state, connection);
      this.#watch(connection, attempt);
      return connection;
    } catch (error) {
      attempt.state.probes.delete(attempt);
      if (error instanceof GatewayError && countsAgainstService(error)) this.#count(error, attempt);
      throw error;
    }
  }

  /** A probe lasts until its connection has delivered something, or is closed. */
  #watch(connection: Duplex, attempt: Attempt): void {
    const { state } = attempt;
    attempt.connection = connection;
    this.#attempts.set(connection, attempt);
    state.open.add(attempt);
    connection.once('close', () => {
      state.open.delete(attempt);
      if (hasAnswered(attempt)) reopen(state);
      else state.probes.delete(attempt);
    });
  }

  #count(error: GatewayError, { state, probeOf }: Attempt): void {
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

/** A routing key that fails must not close the others of its service. */
function keyOf({ name, address }: ServicePolicy): string {
  return `${name} ${address}`;
}

function refusal({ service: { name }, failures, lastDetail }: ServiceState): GatewayError {
  const detail = `service ${name} failed ${failures} times in a row and is being probed: ${lastDetail}`;
  // Not for another attempt: nothing has changed within a request's time.
  return new GatewayError('service_unavailable', { detail, origin: 'us' });
}

/** Of the connection's own error only a GatewayError knows who is to blame. */
function diedEarly({ service: { name } }: ServiceState, { errored }: Duplex): GatewayError {
  const detail = `service ${name}: the connection ended as it opened: ${errored?.message ?? 'closed'}`;
  const origin = errored instanceof GatewayError ? errored.origin : 'application';
  const code = origin === 'network' ? 'network_unavailable' : 'upstream_connect_failed';
  return new GatewayError(code, { detail, retryable: true, origin, cause: errored });
}

function newState(service: ServicePolicy): ServiceState {
  return {
    service,
    failures: 0,
    open: new Set(),
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

function hasDelivered({ open }: ServiceState): boolean {
  for (const attempt of open) if (hasAnswered(attempt)) return true;
  return false;
}

function hasAnswered({ isAnswered, connection }: Attempt): boolean {
  return isAnswered || connection?.readableDidRead === true;
}
