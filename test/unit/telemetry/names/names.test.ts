import assert from 'node:assert/strict';
import test from 'node:test';
import { refuse } from '../../../../src/core/refusal.ts';
import { AccessLog } from '../../../../src/record/access-log.ts';
import { GatewayMetrics } from '../../../../src/record/gateway-metrics.ts';
import {
  ACCESS_FIELDS,
  METRICS,
  PLUGIN_EVENTS,
  PLUGIN_REASONS,
  REASONS,
  namedReason,
} from '../../../../src/telemetry/names/names.ts';
import type { Metric } from '../../../../src/telemetry/names/names.ts';
import { recordOf } from '../../../support/fakes/exchange-record.ts';

const metrics: readonly Metric[] = Object.values(METRICS);

for (const { name, type, unit, labels } of metrics) {
  test(`${name} ends in _total when it is a counter, and has its unit in its name`, () => {
    assert.equal(name.endsWith('_total'), type === 'counter');
    for (const base of ['seconds', 'bytes']) {
      const wanted = unit.startsWith(base);
      assert.equal(new RegExp(`_${base}(_total)?$`).test(name), wanted, `${base} in ${unit}`);
    }
    for (const label of labels) assert.match(label, /^[a-z]+(_[a-z]+)*$/);
  });
}

test('no two metrics share a name', () => {
  assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length);
});

test('a label means one thing: labels with the path of the policy are called http_route', () => {
  const labels = new Set(metrics.flatMap((metric) => metric.labels));

  assert.deepEqual([...labels].filter((label) => label.includes('route')).sort(), [
    'http_route',
    'route',
  ]);
});

test('/metrics shows name, type and help of the register', () => {
  const text = new GatewayMetrics().render();

  const shown = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)];

  assert.ok(shown.length > 10);
  for (const [, name, help, type] of shown) {
    const metric = metrics.find((each) => each.name === name);
    assert.deepEqual({ help, type }, { help: metric?.help, type: metric?.type });
  }
});

test('texts of the register are sentences', () => {
  const texts = [
    ...metrics.flatMap(({ help, act }) => [help, act]),
    ...Object.values(PLUGIN_EVENTS).flatMap(({ help, act }) => [help, act]),
    ...Object.values(ACCESS_FIELDS).map(({ tells }) => tells),
    ...Object.values({ ...REASONS, ...PLUGIN_REASONS }),
  ];

  for (const text of texts) assert.match(text, /^[A-Z0-9`:][^\n]*\.$|^(false|true):.*\.$/);
});

test('a line with everything has the fields of the register, in their types', () => {
  const lines: string[] = [];
  const log = new AccessLog({ write: (line) => void lines.push(line) });
  const refusal = refuse('rate_limited', { reason: namedReason('limit.exceeded', 'tiers.a.rate') });
  const ends = { route: 'a', service: 'b', refusal, fault: 'c', faultDetail: 'd' };
  const who = { provider: 'e', issuer: 'f', subject: 'g', tenant: 'h', tier: 'i', path: '/' };
  const connection = { ...recordOf().connection, peerAddress: '10.0.0.1' };

  log.write(recordOf({ connection, ...ends, ...who, upstreamStatus: 500, retries: 1 }));
  log.writeConnection({
    ...recordOf({ connection }),
    ...ends,
    serverName: 'j',
    fromClientBytes: 1,
    toClientBytes: 2,
  });

  assert.deepEqual(lines.map(typesOf), [fieldsOf('exchange'), fieldsOf('connection')]);
});

function typesOf(line: string): object {
  const entries = Object.entries(JSON.parse(line) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? 'text' : typeof value]),
  );
}

function fieldsOf(kind: 'exchange' | 'connection'): object {
  const all = Object.entries(ACCESS_FIELDS).filter(([, { on }]) => on === 'both' || on === kind);
  return Object.fromEntries(all.map(([name, { type }]) => [name, type]));
}
