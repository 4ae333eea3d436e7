import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prometheusText } from '../../../src/record/prometheus-text.ts';
import { PluginEvents } from '../../../src/record/plugin-events.ts';

function samplesOf(events: PluginEvents): string[] {
  return prometheusText([events]).split('\n').slice(2, -1);
}

test('keeps the labels of a plugin, in one order', () => {
  const events = new PluginEvents();

  events.add(1, 'corp', 'loads', { outcome: 'ok', source: 'a"b' });
  events.add(2, 'corp', 'loads', { source: 'a"b', outcome: 'ok' });
  events.add(1, 'corp', 'loads', { outcome: 'failed' });
  events.add(4, 'other', 'logins');

  assert.deepEqual(samplesOf(events), [
    'fairlead_plugin_events_total{provider="corp",event="loads",outcome="ok",source="a\\"b"} 3',
    'fairlead_plugin_events_total{provider="corp",event="loads",outcome="failed"} 1',
    'fairlead_plugin_events_total{provider="other",event="logins"} 4',
  ]);
});

test('labels that Prometheus would not take, or that are ours, are left out', () => {
  const events = new PluginEvents();

  events.add(1, 'corp', 'loads', {
    provider: 'x',
    event: 'y',
    '1a': '1',
    'a-b': '2',
    __c: '3',
    d: '4',
  });

  assert.deepEqual(samplesOf(events), [
    'fairlead_plugin_events_total{provider="corp",event="loads",d="4"} 1',
  ]);
});

test('labels and their values are bounded', () => {
  const events = new PluginEvents();
  const labels = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'v'.repeat(1000)]),
  );

  events.add(1, 'corp', 'e'.repeat(1000), labels);

  assert.ok(samplesOf(events)[0]!.length < 500);
  assert.doesNotMatch(samplesOf(events)[0]!, /,e="/);
});

test('a plugin that invents values without end fills its own cells alone', () => {
  const events = new PluginEvents();

  for (let i = 0; i < 5000; i += 1) events.add(1, 'corp', 'seen', { value: String(i) });
  events.add(1, 'quiet', 'seen', { value: 'x' });

  const samples = samplesOf(events);
  assert.ok(samples.length <= 202);
  assert.ok(samples.includes('fairlead_plugin_events_total{provider="corp",event="other"} 4800'));
  assert.ok(
    samples.includes('fairlead_plugin_events_total{provider="quiet",event="seen",value="x"} 1'),
  );
});
