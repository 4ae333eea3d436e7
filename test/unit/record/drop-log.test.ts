import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DropLog, tellDrops } from '../../../src/record/drop-log.ts';
import { GatewayMetrics } from '../../../src/record/gateway-metrics.ts';
import type { Log, LogFields } from '../../../src/record/log.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

function scene() {
  const lines: Line[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push({ level, message, fields });
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: () => log,
  };
  const clock = new FakeClock();
  return { lines, clock, drops: new DropLog(log, clock) };
}

test('says which ceiling refused which address', () => {
  const { lines, drops } = scene();

  drops.write('address_ceiling', '192.0.2.1');

  const [line] = lines;
  assert.equal(line?.level, 'warn');
  assert.match(line?.message ?? '', /perClientAddress\.connections/);
  assert.equal(line?.fields?.['reason'], 'address_ceiling');
  assert.equal(line?.fields?.['client.address'], '192.0.2.1');
});

test('one line a minute for a reason and an address, which counts those before it', () => {
  const { lines, clock, drops } = scene();

  for (let i = 0; i < 100; i += 1) drops.write('address_ceiling', '192.0.2.1');
  clock.advance(59_999);
  drops.write('address_ceiling', '192.0.2.1');
  assert.equal(lines.length, 1);
  clock.advance(1);
  drops.write('address_ceiling', '192.0.2.1');

  assert.equal(lines.length, 2);
  assert.equal(lines[1]?.fields?.['suppressed'], 100);
});

test('another reason, and another address, have lines of their own; a /64 is one address', () => {
  const { lines, drops } = scene();

  drops.write('address_ceiling', '192.0.2.1');
  drops.write('not_tls', '192.0.2.1', 'x');
  drops.write('address_ceiling', '192.0.2.2');
  drops.write('address_ceiling', '2001:db8::1');
  drops.write('address_ceiling', '2001:db8::2');

  assert.equal(lines.length, 4);
  assert.equal(lines[1]?.fields?.['detail'], 'x');
});

test('an attack from many addresses writes a bounded number of lines, and the next minute tells again', () => {
  const { lines, clock, drops } = scene();

  for (let i = 0; i < 10_000; i += 1) drops.write('not_tls', `10.0.${i >> 8}.${i & 255}`);
  const first = lines.length;
  clock.advance(60_000);
  drops.write('not_tls', '198.51.100.1');

  assert.equal(first, 501);
  assert.equal(lines.length, 502);
  assert.equal(lines.at(-1)?.fields?.['client.address'], '198.51.100.1');
});

test('each drop is counted by its reason, also those without a line', () => {
  const { lines, drops } = scene();
  const metrics = new GatewayMetrics();
  const onDrop = tellDrops(metrics, drops);

  for (let i = 0; i < 3; i += 1) onDrop('flood', '192.0.2.1');

  assert.equal(lines.length, 1);
  assert.match(metrics.render(), /^fairlead_client_drops_total\{reason="flood"\} 3$/m);
});
