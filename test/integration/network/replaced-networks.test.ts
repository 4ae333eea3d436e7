import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { NetworkHolder } from '../../../src/app/reload/network-holder.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import type { RoutingKey } from '../../../src/core/ids.ts';
import type { NetworkPolicy } from '../../../src/policy/snapshot/snapshot.ts';
import { createLog } from '../../../src/record/log.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { networkCertificates } from '../../support/routers/network-certificates.ts';
import { routerLink } from '../../support/routers/network.ts';
import { service } from '../../support/policy/policy.ts';
import { startStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const KEY = 'echo:1' as RoutingKey;
const CONNECTIONS = 2;

test('at most two replaced networks keep their lanes: the oldest is closed when a third comes', async () => {
  await using application = await Backend.start(echo);
  await using standin = await startStandin();
  standin.router.addConnector(KEY, application.address);
  const lines: string[] = [];
  const holder = startHolder(lines);
  const streams: Duplex[] = [];
  let most = 0;

  for (const name of ['first', 'second', 'third', 'fourth', 'fifth']) {
    const before = holder.current;
    holder.apply({ network: await policyOf(standin.link, name), services });
    await waitUntil(`${name} serves`, () => isServing(holder, before), 10_000);
    streams.push(await holder.current!.connect(KEY, { allowHalfOpen: true }));
    most = Math.max(most, standin.router.connectionCount);
  }
  await waitUntil('the oldest are gone', () => standin.router.connectionCount === 3 * CONNECTIONS);
  const clients = standin.router.clients;
  const outcomes = streams.map((stream) => outcomeOf(stream));
  for (const stream of streams) if (!stream.destroyed) stream.end('through');

  assert.deepEqual(await Promise.all(outcomes), ['cut', 'cut', 'through', 'through', 'through']);
  assert.deepEqual(clients, ['fifth', 'fifth', 'fourth', 'fourth', 'third', 'third']);
  assert.ok(most <= 4 * CONNECTIONS, `${most} connections at a time`);
  assert.equal(lines.filter((line) => line.includes('the oldest are closed')).length, 2);
  await waitUntil('the rest ends', () => standin.router.connectionCount === CONNECTIONS, 5_000);
  await holder.close();
  await waitUntil('all are closed', () => standin.router.connectionCount === 0);
});

test('a replaced network is closed networkDrainMs later, whatever lanes are left', async () => {
  await using application = await Backend.start(echo);
  await using standin = await startStandin();
  standin.router.addConnector(KEY, application.address);
  const limits: (() => void)[] = [];
  const holder = startHolder([], {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs(),
    after: (delayMs, action) => {
      if (delayMs !== DEADLINES.networkDrainMs) return systemClock.after(delayMs, action);
      limits.push(action);
      return { cancel: () => {} };
    },
  });
  holder.apply({ network: await policyOf(standin.link, 'first'), services });
  await waitUntil('the first serves', () => isServing(holder, undefined), 10_000);
  const { current } = holder;
  const stream = await current!.connect(KEY, { allowHalfOpen: true });
  const outcome = outcomeOf(stream);
  holder.apply({ network: await policyOf(standin.link, 'second'), services });
  await waitUntil('the second serves', () => isServing(holder, current), 10_000);
  const before = standin.router.connectionCount;

  for (const reach of limits) reach();

  assert.equal(await outcome, 'cut');
  assert.deepEqual([before, limits.length], [2 * CONNECTIONS, 1]);
  await waitUntil('it is gone', () => standin.router.connectionCount === CONNECTIONS);
  await holder.close();
});

const services = new Map([['web', service({ address: KEY })]]);

function startHolder(lines: string[], clock: Clock = systemClock): NetworkHolder {
  return new NetworkHolder({
    clock,
    log: createLog({
      level: 'warn',
      format: 'json',
      destination: { write: (line) => void lines.push(line) },
    }),
    version: 'test',
    onRerouted: () => {},
  });
}

function isServing(holder: NetworkHolder, before: NetworkHolder['current']): boolean {
  const { current } = holder;
  const isOpen = current?.status().connections.every(({ state }) => state === 'open');
  return current !== before && isOpen === true && holder.pending === undefined;
}

/** The same network for a client of another name. */
async function policyOf(
  link: Parameters<typeof routerLink>[0],
  name: string,
): Promise<NetworkPolicy> {
  const { issueClient } = await networkCertificates();
  const { certPem, keyPem } = await issueClient(name);
  return {
    links: [routerLink({ ...link, cert: certPem, key: keyPem })],
    connections: CONNECTIONS,
    creditWaitMs: 3_000,
    openWaitMs: 5_000,
    backoff: { minMs: 20, maxMs: 100 },
    unackedLimitBytes: 3 * 1024 * 1024,
  };
}

/** What came back whole, or `cut`. */
async function outcomeOf(stream: Duplex): Promise<string> {
  if (stream.destroyed) return 'cut';
  try {
    return (await buffer(stream)).toString();
  } catch {
    return 'cut';
  }
}
