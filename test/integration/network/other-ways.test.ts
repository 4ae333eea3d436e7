import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { GatewayError } from '../../../src/core/errors.ts';
import { Backend, closedPort, echo } from '../../support/applications/backend.ts';
import { type RunningNetwork, routerLink, startNetwork } from '../../support/routers/network.ts';
import { type RunningStandin, startStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

// Which router and which site a stream went to is known of stand-ins only, so they serve here whatever
// SKROUTERD says; test/integration/faults/two-sites-*.test.ts has the same with real routers.

const KEY = 'echo:1';

let living: Backend;
let west: RunningStandin;
let east: RunningStandin;

before(async () => {
  living = await Backend.start(echo);
  west = await startStandin();
  east = await startStandin();
});

beforeEach(() => {
  for (const { router } of [west, east]) router.addConnector(KEY, living.address);
});

after(async () => {
  assert.deepEqual([...west.router.violations, ...east.router.violations], []);
  await west[Symbol.asyncDispose]();
  await east[Symbol.asyncDispose]();
  await living.stop();
});

async function toBoth(): Promise<RunningNetwork> {
  const links = [west.link, east.link].map(routerLink);
  const running = await startNetwork(west.link, { links, connections: 1, creditWaitMs: 300 });
  const isOpen = () => running.network.status().connections.every(({ state }) => state === 'open');
  await waitUntil('both connections', isOpen);
  return running;
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'open',
    (error: GatewayError) => error.code,
  );

test('a site that refuses is left for one that serves many streams already', async () => {
  const dead = { host: '127.0.0.1', port: await closedPort(), cost: 1 };
  const other = { ...living.address, cost: 1 };
  west.router.addConnector(KEY, other);
  await using running = await startNetwork(west.link);
  const streams = await Promise.all([1, 2, 3, 4, 5].map(() => running.connect(KEY)));

  west.router.addConnector(KEY, dead, other);
  const outcomes = [await codeOf(running.connect(KEY)), await codeOf(running.connect(KEY))];

  for (const stream of streams) stream.destroy();
  assert.deepEqual(outcomes, ['open', 'open']);
});

test('a service that refuses everywhere is told as refusing, after a bounded number of tries', async () => {
  west.router.addConnector(KEY, { host: '127.0.0.1', port: await closedPort(), cost: 1 });
  await using running = await startNetwork(west.link);
  const sessions = west.router.sessionsBegun;

  const outcomes: string[] = [];
  for (let i = 0; i < 4; i += 1) outcomes.push(await codeOf(running.connect(KEY)));

  assert.deepEqual(new Set(outcomes), new Set(['upstream_connect_failed']));
  // Sixteen for each of the first two, and one for each after that.
  assert.equal(west.router.sessionsBegun - sessions, 34);
});

for (const [what, lose] of [
  ['releases every opening', () => west.router.loseFarRouter(KEY)],
  ['grants no credit', () => west.router.misbehave(KEY, 'no-credit')],
  ['forbids the routing key', () => west.router.misbehave(KEY, 'forbid')],
] as const) {
  test(`an entry router that ${what} costs no stream while another one leads to the service`, async () => {
    await using running = await toBoth();
    lose();

    const outcomes: string[] = [];
    for (let i = 0; i < 6; i += 1) outcomes.push(await codeOf(running.connect(KEY)));

    assert.deepEqual(new Set(outcomes), new Set(['open']));
  });
}
