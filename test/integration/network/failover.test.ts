import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Backend, echo } from '../../support/applications/backend.ts';
import { type RunningNetwork, routerLink, startNetwork } from '../../support/routers/network.ts';
import { startStandin, type RunningStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

// Two entry routers of one network. Which of them a lane is on only stand-ins tell, so they serve here
// whatever SKROUTERD says; test/integration/faults does it with real ones.

let echoes: Backend;
let west: RunningStandin;
let east: RunningStandin;

before(async () => {
  echoes = await Backend.start(echo);
  west = await startStandin();
  east = await startStandin();
  for (const { router } of [west, east]) router.addConnector('echo:1', echoes.address);
});

after(async () => {
  assert.deepEqual([...west.router.violations, ...east.router.violations], []);
  await west[Symbol.asyncDispose]();
  await east[Symbol.asyncDispose]();
  await echoes.stop();
});

async function start(): Promise<RunningNetwork> {
  const links = [west.link, east.link].map(routerLink);
  const running = await startNetwork(west.link, { links, connections: 2 });
  const isOpen = () => running.network.status().connections.every(({ state }) => state === 'open');
  await waitUntil('four connections', isOpen);
  return running;
}

async function exchange(running: RunningNetwork): Promise<string> {
  const stream = await running.connect('echo:1');
  stream.end('through');
  return (await buffer(stream)).toString();
}

test('spreads lanes over the connections of all entry routers', async () => {
  await using running = await start();

  const streams = await Promise.all(Array.from({ length: 8 }, () => running.connect('echo:1')));
  const lanes = running.network.status().connections.map((connection) => connection.lanes);
  for (const stream of streams) stream.destroy();

  assert.deepEqual(lanes, [2, 2, 2, 2]);
});

test('says who each connection leads to', async () => {
  await using running = await start();

  const ids = running.network.status().connections.map(({ router }) => router?.id);

  assert.deepEqual(ids, [west.router.id, west.router.id, east.router.id, east.router.id]);
  assert.ok(
    running.log.some((line) => line.includes(`skupper-router 3.5.1-standin, id ${west.router.id}`)),
  );
});

test('a killed router costs its own streams only; new ones go to the other at once', async () => {
  await using running = await start();
  const streams = await Promise.all(Array.from({ length: 4 }, () => running.connect('echo:1')));
  const outcomes = streams.map((stream) =>
    buffer(stream).then(
      () => 'whole',
      () => 'failed',
    ),
  );

  await west.router.kill();
  await waitUntil(
    'the loss is known',
    () => running.network.status().connections[0]?.state !== 'open',
  );
  const startMs = performance.now();
  const echoed = await exchange(running);
  const tookMs = performance.now() - startMs;
  for (const stream of streams) stream.end();

  assert.equal(echoed, 'through');
  assert.ok(tookMs < 500, `took ${tookMs} ms`);
  assert.deepEqual((await Promise.all(outcomes)).sort(), ['failed', 'failed', 'whole', 'whole']);
  await west.router.restart();
  await waitUntil('back', () =>
    running.network.status().connections.every((it) => it.state === 'open'),
  );
});

test('a connection made again comes with a container id that none had before', async () => {
  await using running = await start();

  for (let i = 0; i < 2; i += 1) {
    west.router.dropConnections();
    await waitUntil('the loss is known', () => isOpenAt(running, 0, 1).every((it) => !it));
    await waitUntil('back', () => isOpenAt(running, 0, 1).every((it) => it));
  }

  const reused = west.router.violations.filter(({ kind }) => kind === 'container-id-reused');
  assert.deepEqual(reused, []);
});

function isOpenAt({ network }: RunningNetwork, ...indices: readonly number[]): boolean[] {
  const { connections } = network.status();
  return indices.map((index) => connections[index]!.state === 'open');
}

test('a stream that a stopped router does not answer opens on another within a second', async () => {
  await using running = await start();

  west.router.freeze();
  const startMs = performance.now();
  const echoed = await Promise.all([1, 2, 3, 4, 5, 6].map(() => exchange(running)));
  const tookMs = performance.now() - startMs;
  const afterMs = performance.now();
  await exchange(running);
  const laterMs = performance.now() - afterMs;
  west.router.thaw();

  assert.deepEqual(new Set(echoed), new Set(['through']));
  assert.ok(tookMs < 1_500, `took ${tookMs} ms`);
  // By then both connections to it are doubted.
  assert.ok(laterMs < 300, `took ${laterMs} ms`);
});
