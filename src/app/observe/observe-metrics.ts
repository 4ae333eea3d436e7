import type { CertificateTerm } from '../../core/certificate-term.ts';
import type { Listener } from '../../listener/listener.ts';
import type { SkupperNetwork } from '../../network/skupper-network.ts';
import type { Passthrough, Pipeline } from '../../pipeline/pipeline.ts';
import type { GatewayMetrics } from '../../record/record.ts';
import type { HealthChecks } from '../../upstream/health/health-checks.ts';
import type { OutlierGuard } from '../../upstream/outlier-guard.ts';
import type { ServicePools } from '../../upstream/service-pools.ts';
import { METRICS } from '../../telemetry/names/names.ts';
import { pendingTimers } from '../system-clock.ts';

export interface ObservedParts {
  readonly pipeline: Pipeline;
  readonly passthrough: Passthrough;
  readonly listener: Listener;
  readonly network: () => SkupperNetwork | undefined;
  readonly pendingNetwork: () => string | undefined;
  readonly pools: ServicePools;
  readonly outliers: OutlierGuard;
  readonly health: HealthChecks;
  /** Of the running policy. */
  readonly certificateTerms: () => readonly CertificateTerm[];
}

/** Gauges read at each scrape: nothing is counted twice, and the request path adds nothing for them. */
export function observeMetrics(metrics: GatewayMetrics, parts: ObservedParts): void {
  const { pipeline, passthrough, listener, network, pools } = parts;
  const { stats } = listener;
  metrics.observeEach(METRICS.certificateEnds, () =>
    parts.certificateTerms().map(({ place, notAfterMs }) => [place, notAfterMs / 1000]),
  );
  metrics.observe(METRICS.activeRequests, () => pipeline.openCount);
  metrics.observe(METRICS.passthroughOpen, () => passthrough.openCount);
  metrics.observe(METRICS.clientConnections, () => stats.openConnections);
  metrics.observe(METRICS.routerConnections, () => openConnections(network()));
  metrics.observe(METRICS.routerCredentialsPending, () =>
    parts.pendingNetwork() === undefined ? 0 : 1,
  );
  metrics.observe(METRICS.routerSessions, () =>
    sum(
      network()
        ?.status()
        .connections.map(({ sessions }) => sessions) ?? [],
    ),
  );
  metrics.observe(METRICS.timers, pendingTimers);
  metrics.observe(METRICS.lanes, () =>
    sum(
      network()
        ?.status()
        .connections.map((connection) => connection.lanes) ?? [],
    ),
  );
  metrics.observe(METRICS.servicesProbed, () => parts.outliers.probing.length);
  metrics.observeEach(METRICS.serviceHealth, () => parts.health.states());
  metrics.observe(METRICS.upstreamRequests, () => sum([...pools.inFlight().values()]));
}

function openConnections(network: SkupperNetwork | undefined): number {
  const connections = network?.status().connections ?? [];
  return connections.filter(({ state }) => state === 'open').length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
