import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Backend, collect } from '../../support/applications/backend.ts';
import { realHello } from '../../support/clients/client-hello.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { rawClient } from '../../support/gateway/passthrough.ts';
import { startStandin, type RunningStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

// Only the stand-in takes an opening and never answers it, so it serves here whatever SKROUTERD says.

/** Two attempts of 300 ms, as the retry of policy has it, and room; the network's own wait is 5 s. */
const LIMIT_MS = 2_000;

let backend: Backend;
let router: RunningStandin;
let gateway: TestGateway;

before(async () => {
  backend = await Backend.start();
  router = await startStandin();
  router.router.addConnector('mute:1', backend.address);
  router.router.misbehave('mute:1', 'silent');
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services: { mute: { address: "mute:1", timeout: { connect: 300ms } } }
routes:
  app: { host: app.example.test, service: mute, auth: public }
  raw: { host: raw.example.test, service: mute, passthrough: true }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await backend?.[Symbol.asyncDispose]();
});

test('a lane that is not open within timeout.connect is given up: 504', async () => {
  const startMs = performance.now();

  const response = await gateway.request('/');
  await response.body.dump();
  const tookMs = performance.now() - startMs;

  assert.equal(response.statusCode, 504);
  assert.equal((await gateway.record())['fault'], 'upstream_connect_timeout');
  assert.ok(tookMs >= 300 && tookMs < LIMIT_MS, `took ${tookMs} ms`);
  await waitUntil('no lane is left', () => lanes() === 0);
});

test('a passthrough connection is given up as soon', async () => {
  const client = await rawClient(gateway.port);
  const received = collect(client);
  const startMs = performance.now();

  client.write(await realHello('raw.example.test'));
  await waitUntil('the end', () => client.destroyed || received.isEnded, LIMIT_MS);
  client.destroy();
  const tookMs = performance.now() - startMs;

  assert.ok(tookMs >= 300, `took ${tookMs} ms`);
  assert.equal((await gateway.record(2))['fault'], 'upstream_connect_timeout');
  await waitUntil('no lane is left', () => lanes() === 0);
});

function lanes(): number | undefined {
  return metricValue(gateway.gateway.metrics.render(), 'fairlead_lanes');
}
