import { endOf } from './connection-record.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { METRICS } from '../telemetry/names/names.ts';
import type { MetricFamily } from './metric-cells.ts';
import { HistogramFamily, NumberFamily, ObservedGauge, ObservedGauges } from './metric-families.ts';
import type { GaugeNames, NumberNames } from './metric-families.ts';
import { prometheusText } from './prometheus-text.ts';
import { PluginEvents } from './plugin-events.ts';

/** OpenTelemetry's bounds for HTTP durations, in seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Methods counted by name; a client can invent others without end. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'QUERY',
]);

/** The gateway's metrics, with the names and texts of the register (`telemetry/names/metrics.ts`). */
export class GatewayMetrics {
  readonly #families: MetricFamily[] = [];

  /** Its count is the number of requests. */
  readonly duration = this.#add(new HistogramFamily(METRICS.duration, SECONDS));
  readonly refusals = this.#number(METRICS.refusals);
  readonly faults = this.#number(METRICS.faults);
  readonly drops = this.#number(METRICS.drops);
  readonly incomplete = this.#number(METRICS.incomplete);
  readonly limited = this.#number(METRICS.limited);
  readonly shed = this.#number(METRICS.shed);
  readonly sharedLimits = this.#number(METRICS.sharedLimits);
  readonly requestBytes = this.#number(METRICS.requestBytes);
  readonly responseBytes = this.#number(METRICS.responseBytes);
  readonly passthroughEnds = this.#number(METRICS.passthroughEnds);
  readonly passthroughBytes = this.#number(METRICS.passthroughBytes);
  readonly upstreamRetries = this.#number(METRICS.upstreamRetries);
  readonly healthChecks = this.#number(METRICS.healthChecks);
  readonly pluginEvents = this.#add(new PluginEvents());
  readonly droppedLines = this.#number(METRICS.droppedLines);
  readonly configLastReloadOk = this.#number(METRICS.configLastReloadOk);
  readonly configGeneration = this.#number(METRICS.configGeneration);

  /** A gauge that is read at each scrape: queue lengths, connections, lanes, keys. */
  observe(metric: GaugeNames, read: () => number): void {
    this.#add(new ObservedGauge(metric, read));
  }

  /** As `observe`, with one label whose values come from the policy. */
  observeEach(
    metric: GaugeNames,
    read: () => Iterable<readonly [labelValue: string, value: number]>,
  ): void {
    this.#add(new ObservedGauges(metric, read));
  }

  /** What one exchange adds. */
  count(record: ExchangeRecord): void {
    const status = record.status === undefined ? 'none' : String(record.status);
    const method = METHODS.has(record.method ?? '') ? record.method! : '_OTHER';
    const seconds = record.durationMs / 1000;
    // The same words as in the access log: `route` is the name, `http.route` the path of the policy.
    this.duration.record(seconds, record.route ?? 'none', record.path ?? 'none', method, status);
    this.requestBytes.add(record.requestBytes);
    this.responseBytes.add(record.responseBytes);
    if (record.fault !== undefined) this.faults.add(1, record.fault);
    else if (record.refusal !== undefined) this.refusals.add(1, record.refusal.code);
    if (!record.isComplete) this.incomplete.add(1);
    if (record.retries > 0) this.upstreamRetries.add(record.retries);
  }

  /** What one passthrough connection adds, at its end. */
  countConnection(record: ConnectionRecord): void {
    const route = record.route ?? 'none';
    this.passthroughEnds.add(1, route, endOf(record));
    this.passthroughBytes.add(record.fromClientBytes, route, 'from_client');
    this.passthroughBytes.add(record.toClientBytes, route, 'to_client');
  }

  /** Prometheus text format 0.0.4. */
  render(): string {
    return prometheusText(this.#families);
  }

  #number(metric: NumberNames): NumberFamily {
    return this.#add(new NumberFamily(metric));
  }

  #add<Family extends MetricFamily>(family: Family): Family {
    this.#families.push(family);
    return family;
  }
}
