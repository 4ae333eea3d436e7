import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import type { RoutingKey } from '../../../src/core/ids.ts';
import { RouterNetwork } from '../../../src/network/router-network.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { until } from './amqp/scripted-router.ts';

const WEB = 'web:8080' as RoutingKey;

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function unreachable(clock: FakeClock, changes: string[] = []): Promise<RouterNetwork> {
  const tls = { caPem: '', certPem: undefined, keyPem: undefined, serverName: undefined };
  const network = new RouterNetwork({
    clock,
    random: () => 0.5,
    log: () => {},
    containerId: 'gateway',
    version: '0.1.0',
    policy: {
      links: [{ name: 'west', host: '127.0.0.1', port: await closedPort(), tls }],
      connections: 1,
      creditWaitMs: 3_000,
      openWaitMs: 5_000,
      backoff: { minMs: 100, maxMs: 2_000 },
      unackedLimitBytes: 3 * 1024 * 1024,
    },
  });
  network.onChange(() => changes.push(network.status().connections[0]!.state));
  network.start();
  return network;
}

const state = (network: RouterNetwork) => network.status().connections[0]!.state;

test('refuses at once while no connection is open, retryable', async () => {
  const network = await unreachable(new FakeClock());

  const attempt = network.connect(WEB, { allowHalfOpen: false });

  await assert.rejects(attempt, { code: 'network_unavailable', retryable: true });
  await network.close();
});

test('connects again for ever, later each time up to the limit, with jitter', async () => {
  const clock = new FakeClock();
  const network = await unreachable(clock);

  // Half of the way from 100 ms to 200, 400, 800, 1600, 2000, 2000.
  for (const delayMs of [150, 250, 450, 850, 1_050, 1_050]) {
    await until(() => state(network) === 'waiting', 'back-off');
    clock.advance(delayMs - 1);
    assert.equal(state(network), 'waiting');
    clock.advance(1);
    assert.equal(state(network), 'connecting');
  }

  await network.close();
  assert.equal(clock.pendingCount, 0);
});

test('says what is missing, and since when', async () => {
  const changes: string[] = [];
  const network = await unreachable(new FakeClock(), changes);
  await until(() => state(network) === 'waiting', 'back-off');

  const { isReady, reason, connections } = network.status();

  assert.equal(isReady, false);
  assert.match(reason!, /no router connection is open, since 2026-01-01T00:00:00.000Z: .*REFUSED/);
  assert.equal(connections[0]!.link, 'west');
  await network.close();
  assert.deepEqual(changes, ['connecting', 'waiting', 'closed']);
});

test('gives up nothing for a signal that is aborted already', async () => {
  const network = await unreachable(new FakeClock());
  const signal = AbortSignal.abort();

  const attempt = network.connect(WEB, { allowHalfOpen: false, signal });

  await assert.rejects(attempt, { code: 'client_gone' });
  await network.close();
});
