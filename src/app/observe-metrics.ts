import type { CertificateTerm } from '../core/certificate-term.ts';
import type { Listener } from '../listener/listener.ts';
import type { SkupperNetwork } from '../network/network.ts';
import type { Pipeline } from '../pipeline/handle.ts';
import type { Passthrough } from '../pipeline/passthrough.ts';
import type { GatewayMetrics } from '../record/gateway-metrics.ts';
import type { OutlierGuard } from '../upstream/outlier-guard.ts';
import type { ServicePools } from '../upstream/service-pools.ts';
import { pendingTimers } from './system-clock.ts';

export interface ObservedParts {
  readonly pipeline: Pipeline;
  readonly passthrough: Passthrough;
  readonly listener: Listener;
  readonly network: () => SkupperNetwork | undefined;
  readonly pendingNetwork: () => string | undefined;
  readonly pools: ServicePools;
  readonly outliers: OutlierGuard;
  /** Of the running policy. */
  readonly certificateTerms: () => readonly CertificateTerm[];
}

/** Gauges read at each scrape: nothing is counted twice, and the request path adds nothing for them. */
export function observeMetrics(metrics: GatewayMetrics, parts: ObservedParts): void {
  const { pipeline, passthrough, listener, network, pools } = parts;
  const { stats } = listener;
  metrics.observeEach(
    'fairlead_certificate_not_after_timestamp_seconds',
    'When a certificate that the policy names ends, in seconds since 1970.',
    'certificate',
    () => parts.certificateTerms().map(({ place, notAfterMs }) => [place, notAfterMs / 1000]),
  );
  metrics.observe('http_server_active_requests', 'Requests in flight.', () => pipeline.openCount);
  metrics.observe(
    'fairlead_passthrough_connections',
    'Passthrough connections, open or being connected.',
    () => passthrough.openCount,
  );
  metrics.observe(
    'fairlead_client_connections',
    'Open connections of clients.',
    () => stats.openConnections,
  );
  metrics.observe('fairlead_router_connections', 'Open router connections.', () =>
    openConnections(network()),
  );
  metrics.observe(
    'fairlead_router_credentials_pending',
    '1: new links or credentials do not connect, the earlier ones are kept.',
    () => (parts.pendingNetwork() === undefined ? 0 : 1),
  );
  metrics.observe(
    'fairlead_router_sessions',
    'AMQP sessions: one a lane, and one a connection that watches services.',
    () =>
      sum(
        network()
          ?.status()
          .connections.map(({ sessions }) => sessions) ?? [],
      ),
  );
  metrics.observe('fairlead_timers', 'Waits that are under way.', pendingTimers);
  metrics.observe('fairlead_lanes', 'Lanes in the Skupper network.', () =>
    sum(
      network()
        ?.status()
        .connections.map((connection) => connection.lanes) ?? [],
    ),
  );
  metrics.observe(
    'fairlead_services_probed',
    'Services whose connections keep failing and get two attempts at a time.',
    () => parts.outliers.probing.length,
  );
  metrics.observe('fairlead_upstream_requests', 'Requests given to upstream connections.', () =>
    sum([...pools.inFlight().values()]),
  );
}

function openConnections(network: SkupperNetwork | undefined): number {
  const connections = network?.status().connections ?? [];
  return connections.filter(({ state }) => state === 'open').length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
