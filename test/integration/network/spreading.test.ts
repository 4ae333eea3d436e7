import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, before, beforeEach, test, type TestContext } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { Backend, echo } from '../../support/applications/backend.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startNetwork } from '../../support/routers/network.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';

const REQUESTS = 40;
const AT_ONCE = 8;
/** Two consumers get this much each, give or take what a router still counts as under way. */
const EVEN = { least: 0.4 * REQUESTS, most: 0.6 * REQUESTS };

let applications: readonly Application[];
let router: RunningRouter;
let answer: (response: ServerResponse) => void;

before(async () => {
  const start = () => Application.start((_request, response) => answer(response));
  applications = [await start(), await start()];
  router = await startRouter({ connectors: { 'app:1': applications.map((it) => it.address) } });
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  for (const application of applications) await application[Symbol.asyncDispose]();
});

beforeEach(() => {
  answer = (response) => response.end('ok');
  for (const application of applications) application.connections = application.requests = 0;
});

test('balance: connection keeps requests in turn at one of two consumers', async (t) => {
  await using gateway = await startGateway('connection');

  for (let i = 0; i < REQUESTS; i += 1) await ask(gateway);

  assert.equal(Math.max(...counts(t, 'requests')), REQUESTS);
  assert.equal(sum(counts(t, 'connections')), 1);
});

test('balance: request spreads requests in turn over both consumers', async (t) => {
  await using gateway = await startGateway('request');

  for (let i = 0; i < REQUESTS; i += 1) await ask(gateway);

  for (const count of counts(t, 'requests')) {
    assert.ok(count >= EVEN.least && count <= EVEN.most, `${count} of ${REQUESTS}`);
  }
  assert.equal(sum(counts(t, 'connections')), REQUESTS);
});

test('balance: connection opens connections to both consumers when requests come at once', async (t) => {
  await using gateway = await startGateway('connection');
  const held: ServerResponse[] = [];
  answer = (response) => {
    held.push(response);
    if (held.length === AT_ONCE) for (const each of held) each.end('ok');
  };

  await Promise.all(Array.from({ length: AT_ONCE }, () => ask(gateway)));

  const opened = counts(t, 'connections');
  assert.equal(sum(opened), AT_ONCE);
  assert.ok(Math.min(...opened) >= 1, 'one consumer got every connection');
});

test('streams in turn over the same links spread over both consumers', async (t) => {
  await using echoes = await Backend.start(echo);
  await using others = await Backend.start(echo);
  await router.addConnector('echo:1', echoes.address, others.address);
  await using running = await startNetwork(router.link);
  const before = router.standin?.sessionsBegun ?? 0;

  for (let i = 0; i < REQUESTS; i += 1) {
    const stream = await running.connect('echo:1');
    const closed = once(stream, 'close');
    stream.end(`stream ${i}`);
    assert.equal((await buffer(stream)).toString(), `stream ${i}`);
    await closed;
  }

  const each = [echoes, others].map(({ connections }) => connections.length);
  t.diagnostic(`${router.kind}: streams at each consumer: ${each.join(' and ')}`);
  assert.equal(sum(each), REQUESTS);
  for (const count of each) {
    assert.ok(count >= EVEN.least && count <= EVEN.most, `${count} of ${REQUESTS}`);
  }
  const opened = (router.standin?.sessionsBegun ?? 0) - before;
  assert.ok(opened <= 2, `${opened} sessions for ${REQUESTS} streams`);
});

function startGateway(balance: string): Promise<TestGateway> {
  return TestGateway.start({
    links: [router.link],
    policy: `
services: { app: { address: "app:1", balance: ${balance} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
}

async function ask(gateway: TestGateway): Promise<void> {
  const response = await gateway.request('/');
  assert.equal(await response.body.text(), 'ok');
}

function counts(t: TestContext, what: 'requests' | 'connections'): number[] {
  const each = applications.map((application) => application[what]);
  t.diagnostic(`${router.kind}: ${what} at each consumer: ${each.join(' and ')}`);
  return each;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, it) => total + it, 0);
}
