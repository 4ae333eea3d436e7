import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../../src/core/refusal.ts';
import { GatewayMetrics } from '../../../src/record/gateway-metrics.ts';
import { CellTable } from '../../../src/record/metric-cells.ts';
import { HistogramFamily, NumberFamily } from '../../../src/record/metric-families.ts';
import { prometheusText } from '../../../src/record/prometheus-text.ts';
import { Recorder } from '../../../src/record/recorder.ts';
import { recordOf } from '../../support/fakes/exchange-record.ts';
import { METRICS } from '../../../src/telemetry/names/names.ts';

test('counts an exchange by route, method and status', () => {
  const metrics = new GatewayMetrics();

  metrics.count(recordOf({ route: 'web', path: '/v1/**', durationMs: 60 }));

  const labels =
    'route="web",http_route="/v1/**",http_request_method="GET",http_response_status_code="200"';
  const name = 'http_server_request_duration_seconds';
  const text = metrics.render();
  assert.ok(text.includes(`${name}_bucket{${labels},le="0.05"} 0\n`));
  assert.ok(text.includes(`${name}_bucket{${labels},le="0.075"} 1\n`));
  assert.ok(text.includes(`${name}_bucket{${labels},le="+Inf"} 1\n`));
  assert.ok(text.includes(`${name}_sum{${labels}} 0.06\n`));
  assert.ok(text.includes(`${name}_count{${labels}} 1\n`));
});

test('counts refusals, faults, incomplete responses and retries by code', () => {
  const metrics = new GatewayMetrics();

  metrics.count(recordOf({ refusal: refuse('no_route') }));
  metrics.count(recordOf({ fault: 'upstream_reset', refusal: refuse('no_route'), retries: 2 }));
  metrics.count(recordOf({ isComplete: false, responseBytes: 7 }));

  const text = metrics.render();
  assert.match(text, /^fairlead_refusals_total\{code="no_route"\} 1$/m);
  assert.doesNotMatch(text, /refusals_total\{code="fault"\}/);
  assert.match(text, /^fairlead_faults_total\{code="upstream_reset"\} 1$/m);
  assert.match(text, /^fairlead_incomplete_responses_total 1$/m);
  assert.match(text, /^fairlead_upstream_retries_total 2$/m);
  assert.match(text, /^fairlead_response_body_bytes_total 17$/m);
});

test('does not let clients invent label values', () => {
  const metrics = new GatewayMetrics();

  for (let i = 0; i < 50; i += 1) metrics.count(recordOf({ method: `INVENTED${i}` }));
  metrics.count(recordOf({ method: 'QUERY' }));

  assert.doesNotMatch(metrics.render(), /INVENTED/);
  assert.match(metrics.render(), /http_request_method="_OTHER".*le="\+Inf"\} 50$/m);
  assert.match(metrics.render(), /http_request_method="QUERY".*le="\+Inf"\} 1$/m);
});

test('counts combinations beyond the ceiling together', () => {
  const table = new CellTable(['name'], () => ({ value: 0 }), 3);

  for (let i = 0; i < 100; i += 1) table.cell([`n${i}`]).value += 1;

  const cells = [...table.entries()];
  assert.equal(cells.length, 4);
  assert.deepEqual(cells[3], { labels: 'name="other"', cell: { value: 97 } });
});

test('reads observed gauges when somebody looks', () => {
  const metrics = new GatewayMetrics();
  let keys = 1;
  metrics.observe(METRICS.lanes, () => keys);

  keys = 42;

  assert.match(metrics.render(), /^fairlead_lanes 42$/m);
});

test('every name that ends in _total is a counter, and every counter ends so', () => {
  for (const [, name, type] of new GatewayMetrics().render().matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    assert.equal(name!.endsWith('_total'), type === 'counter', String(name));
  }
});

test('renders the Prometheus text format, escaped', () => {
  const counter = new NumberFamily({
    type: 'counter',
    name: 'a_total',
    help: 'One\nline \\',
    labels: ['x'],
  });
  counter.add(2, 'q"\\\n');
  const histogram = new HistogramFamily(
    { type: 'histogram', name: 'b', help: 'B.', labels: [] },
    [1, 2],
  );
  histogram.record(1);
  histogram.record(3);

  assert.equal(
    prometheusText([counter, histogram]),
    [
      '# HELP a_total One\\nline \\\\',
      '# TYPE a_total counter',
      'a_total{x="q\\"\\\\\\n"} 2',
      '# HELP b B.',
      '# TYPE b histogram',
      'b_bucket{le="1"} 1',
      'b_bucket{le="2"} 1',
      'b_bucket{le="+Inf"} 2',
      'b_sum 4',
      'b_count 2',
      '',
    ].join('\n'),
  );
});

test('a log that fails does not fail the exchange', () => {
  const metrics = new GatewayMetrics();
  const broken = {
    write: () => {
      throw new Error('ENOSPC');
    },
  };

  new Recorder(metrics, broken as never).record(recordOf());

  assert.match(metrics.render(), /^fairlead_access_log_dropped_total 1$/m);
});
