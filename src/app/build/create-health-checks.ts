import type { Clock } from '../../core/clock.ts';
import type { GatewayMetrics, Log } from '../../record/record.ts';
import { HealthChecks } from '../../upstream/health/health-checks.ts';
import type { HealthChecksParts } from '../../upstream/health/service-health.ts';

export interface HealthCheckParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly open: HealthChecksParts['open'];
}

/** Each answer is counted, each change is logged. */
export function createHealthChecks({ clock, log, metrics, open }: HealthCheckParts): HealthChecks {
  return new HealthChecks({
    clock,
    open,
    onChecked: (service, isWell) => metrics.healthChecks.add(1, service, isWell ? 'good' : 'bad'),
    onChange: (service, fault) => {
      if (fault === undefined) log.info('service is healthy again', { service });
      else log.warn('service is unhealthy: its requests get 503', { service, fault });
    },
  });
}
