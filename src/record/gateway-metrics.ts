import { endOf } from './connection-record.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { MetricFamily } from './metric-cells.ts';
import { HistogramFamily, NumberFamily, ObservedGauge, ObservedGauges } from './metric-families.ts';
import { renderMetrics } from './metrics.ts';
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

/**
 * The gateway's metrics, one place for all names. Label values are names from the policy, codes and
 * fixed words: never a tenant, subject, address or the path of a request.
 */
export class GatewayMetrics {
  readonly #families: MetricFamily[] = [];

  /** `http_server_request_duration_seconds`, `…_count` of which is the number of requests. */
  readonly duration = this.#add(
    new HistogramFamily(
      'http_server_request_duration_seconds',
      'Time from request head to the last octet of the response.',
      SECONDS,
      ['route', 'http_route', 'http_request_method', 'http_response_status_code'],
    ),
  );
  readonly refusals = this.#counter('fairlead_refusals_total', 'Refusals by code.', ['code']);
  readonly faults = this.#counter('fairlead_faults_total', 'Faults by code.', ['code']);
  readonly drops = this.#counter(
    'fairlead_client_drops_total',
    'Connections and HTTP/2 streams of clients closed without an answer, by reason.',
    ['reason'],
  );
  readonly incomplete = this.#counter(
    'fairlead_incomplete_responses_total',
    'Responses that the client did not get whole.',
  );
  readonly limited = this.#counter('fairlead_limited_total', 'Requests over a limit.', [
    'limit',
    'mode',
  ]);
  readonly requestBytes = this.#counter(
    'fairlead_request_body_bytes_total',
    'Octets from clients.',
  );
  readonly responseBytes = this.#counter(
    'fairlead_response_body_bytes_total',
    'Octets to clients.',
  );
  readonly passthroughConnections = this.#counter(
    'fairlead_passthrough_connections_total',
    'Passthrough connections by how they ended: complete, or the code of a refusal or fault.',
    ['route', 'end'],
  );
  readonly passthroughBytes = this.#counter(
    'fairlead_passthrough_bytes_total',
    'Octets of passthrough connections.',
    ['route', 'direction'],
  );
  readonly upstreamRetries = this.#counter(
    'fairlead_upstream_retries_total',
    'Requests retried on another connection.',
  );
  readonly pluginEvents = this.#add(new PluginEvents());
  readonly droppedLines = this.#counter(
    'fairlead_access_log_dropped_total',
    'Access lines that found no room.',
  );
  readonly configLastReloadOk = this.#add(
    new NumberFamily('gauge', 'fairlead_config_last_reload_ok', '1: the last set was good.'),
  );
  readonly configGeneration = this.#add(
    new NumberFamily('gauge', 'fairlead_config_generation', 'Generation of the running policy.'),
  );

  /** A gauge that is read at each scrape: queue lengths, connections, lanes, keys. */
  observe(name: string, help: string, read: () => number): void {
    this.#add(new ObservedGauge(name, help, read));
  }

  /** As `observe`, with one label whose values come from the policy. */
  observeEach(
    name: `fairlead_${string}`,
    help: string,
    label: string,
    read: () => Iterable<readonly [labelValue: string, value: number]>,
  ): void {
    this.#add(new ObservedGauges(name, help, label, read));
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
    this.passthroughConnections.add(1, route, endOf(record));
    this.passthroughBytes.add(record.fromClientBytes, route, 'from_client');
    this.passthroughBytes.add(record.toClientBytes, route, 'to_client');
  }

  /** Prometheus text format 0.0.4. */
  render(): string {
    return renderMetrics(this.#families);
  }

  #counter(name: string, help: string, labelNames: readonly string[] = []): NumberFamily {
    return this.#add(new NumberFamily('counter', name, help, labelNames));
  }

  #add<Family extends MetricFamily>(family: Family): Family {
    this.#families.push(family);
    return family;
  }
}
