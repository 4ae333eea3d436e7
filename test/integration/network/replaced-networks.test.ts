import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { NetworkHolder } from '../../../src/app/reload/network-holder.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
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

const services = new Map([['web', service({ address: KEY })]]);

function startHolder(lines: string[]): NetworkHolder {
  return new NetworkHolder({
    clock: systemClock,
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
