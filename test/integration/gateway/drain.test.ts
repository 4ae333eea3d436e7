import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Application, echoRequest } from '../../support/applications/application.ts';
import { http1 } from '../../support/clients/bulk-client.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { GatewayProcess, runFairlead } from '../../support/gateway/gateway-process.ts';
import { writeFiles, writePolicySet } from '../../support/policy/policy-set.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const POLICY = `
services: { app: { address: "app:1" } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`;
const BAD_POLICY = POLICY.replace('service: app', 'sevice: app');

let application: Application;
let router: RunningRouter;
/** End the answers to `/slow`, which have begun, and `/late`, which have not. */
const releases: (() => void)[] = [];

before(async () => {
  application = await Application.start((request, response) => {
    if (request.url === '/') return echoRequest(request, response);
    if (request.url === '/slow') response.write('begun ');
    releases.push(() => response.end('done'));
  });
  router = await startRouter({ connectors: { 'app:1': application.address } });
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

test('SIGTERM: unready at once, open until the delay is over, then empty, exit 0', async () => {
  await using gateway = await start('drain: { delay: 700ms, limit: 10s }');
  releases.length = 0;
  const slow1 = await http1(gateway, '/slow');
  const session = await http2To(gateway);
  const slow2 = session.request({ ':path': '/slow', ':authority': 'app.example.test' });
  const goaways: number[] = [];
  session.on('goaway', (code: number) => goaways.push(code));
  await waitUntil('both answers have begun', () => releases.length === 2);
  using idle = await rawTo(gateway);

  gateway.child.kill('SIGTERM');
  await waitUntil('draining', () => gateway.errors.includes('draining: no longer ready'));
  const readiness = await gateway.admin('/readyz');
  const during = await http1(gateway, '/');
  const duringText = await textOf(during);
  await waitUntil('ports closed', () => gateway.errors.includes('draining: ports closed'));
  await assert.rejects(http1(gateway, '/'), /ECONNREFUSED/);
  await idle.ended();
  await waitUntil('GOAWAY', () => goaways.length > 0);
  const answers = [textOf(slow1), textOf(slow2)];
  for (const release of releases) release();

  assert.equal(readiness.status, 503);
  assert.match(readiness.text, /draining: the gateway is stopping/);
  assert.match(duringText, /"method":"GET"/);
  assert.deepEqual(await Promise.all(answers), ['begun done', 'begun done']);
  assert.equal(goaways[0], 0);
  assert.equal(await gateway.exit(), 0);
  assert.deepEqual(gateway.accessLines.map(statusOf).toSorted(), [
    '200 true',
    '200 true',
    '200 true',
  ]);
});

test('an answer that begins during the drain says that the connection closes after it', async () => {
  await using gateway = await start('drain: { delay: 0s, limit: 10s }');
  releases.length = 0;
  using busy = await rawTo(gateway);
  busy.write('GET /late HTTP/1.1\r\nHost: app.example.test\r\n\r\n');
  await waitUntil('the request has arrived', () => releases.length === 1);

  gateway.child.kill('SIGTERM');
  await waitUntil('ports closed', () => gateway.errors.includes('draining: ports closed'));
  releases[0]!();
  await busy.ended();

  assert.deepEqual(busy.statuses, [200]);
  assert.match(busy.received, /connection: close/i);
  assert.match(busy.received, /done$/);
  assert.equal(await gateway.exit(), 0);
});

test('what is left at the limit of the drain is cut, recorded, and the exit is 0', async () => {
  await using gateway = await start('drain: { delay: 0s, limit: 300ms }');
  releases.length = 0;
  const slow1 = await http1(gateway, '/slow');
  const session = await http2To(gateway);
  const slow2 = session.request({ ':path': '/slow', ':authority': 'app.example.test' });
  await once(slow2, 'response');

  gateway.child.kill('SIGTERM');
  const outcomes = await Promise.allSettled([textOf(slow1), textOf(slow2)]);

  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await gateway.exit(), 0);
  assert.deepEqual(
    gateway.accessLines.map((line) => [statusOf(line), line['fault']]),
    [
      ['200 false', 'draining'],
      ['200 false', 'draining'],
    ],
  );
});

test('SIGHUP: a good set serves, a bad one leaves the running one and says so', async () => {
  await using gateway = await start('drain: { delay: 0s, limit: 1s }');

  await reload(
    gateway,
    POLICY.replace('app.example.test', '"*.wild.example.test"'),
    'policy reloaded',
  );
  const good = await config(gateway);
  await reload(gateway, BAD_POLICY, 'policy not reloaded: the running one was kept');
  const bad = await config(gateway);
  using client = await rawTo(gateway, { servername: 'a.wild.example.test' });
  client.write('GET / HTTP/1.1\r\nHost: a.wild.example.test\r\nConnection: close\r\n\r\n');
  await client.ended();

  assert.deepEqual([good.running.generation, good.refused, good.isOk], [2, undefined, 1]);
  assert.deepEqual([bad.running.generation, bad.running.hash], [2, good.running.hash]);
  assert.match(bad.refused?.errors ?? '', /policy\.yaml:3:\d+: error E102: .*sevice/);
  assert.equal(bad.isOk, 0);
  assert.deepEqual(client.statuses, [200]);
  assert.match(gateway.errors, /"code":"E102".*policy\.yaml"/);
});

test('SIGHUP before and after SIGTERM: what a reload would open does not keep the process', async () => {
  await using gateway = await start('drain: { delay: 100ms, limit: 1s }');

  gateway.child.kill('SIGHUP');
  gateway.child.kill('SIGTERM');
  await waitUntil('draining', () => gateway.errors.includes('draining: no longer ready'));
  gateway.child.kill('SIGHUP');
  await waitUntil('the process has ended', () => gateway.hasExited, 10_000);

  assert.equal(await gateway.exit(), 0);
});

test('a reload that comes to its end after the gateway has stopped changes and opens nothing', async () => {
  await using gateway = await TestGateway.start({ links: [router.link], policy: POLICY });

  await gateway.gateway.stop();
  await gateway.reload({ 'policy.yaml': POLICY.replace('auth: public', 'auth: public, body: 1B') });

  assert.equal(gateway.gateway.snapshot.generation, 1);
  assert.equal(metricValue(gateway.gateway.metrics.render(), 'fairlead_router_connections'), 0);
});

test('a bad set at the start: exit 78 with every error, and nothing listens', async () => {
  await using gateway = await GatewayProcess.spawn({ policy: BAD_POLICY });

  const code = await gateway.exit();

  assert.equal(code, 78);
  assert.match(gateway.errors, /"code":"E102".*policy\.yaml"/);
  assert.equal(gateway.log('serving'), undefined);
});

test('fairlead check exits with 0 for a good set, 1 for errors and 2 for no set', async () => {
  const { directory } = await writePolicySet({ policy: POLICY });

  const good = await runFairlead('check', directory);
  await writeFiles(directory, { 'policy.yaml': BAD_POLICY });
  const bad = await runFairlead('check', directory);
  const missing = await runFairlead('check', `${directory}/nothing`);
  await rm(directory, { recursive: true });

  assert.deepEqual([good.code, bad.code, missing.code], [0, 1, 2]);
  assert.match(good.output, /^ok: 1 hosts?, 1 services?/m);
  assert.match(bad.output, /policy\.yaml:3:\d+: error E102/);
});

function start(drain: string): Promise<GatewayProcess> {
  return GatewayProcess.start({ links: [router.link], policy: POLICY, gateway: drain });
}

async function reload(gateway: GatewayProcess, policy: string, message: string): Promise<void> {
  await writeFiles(gateway.directory, { 'policy.yaml': policy });
  gateway.child.kill('SIGHUP');
  await waitUntil(message, () => gateway.log(message) !== undefined);
}

async function config(gateway: GatewayProcess) {
  const { text } = await gateway.admin('/-/config');
  const status = JSON.parse(text) as {
    readonly running: { readonly generation: number; readonly hash: string };
    readonly refused?: { readonly errors: string };
  };
  const metrics = await gateway.admin('/metrics');
  const isOk = metricValue(metrics.text, 'fairlead_config_last_reload_ok');
  return { running: status.running, refused: status.refused, isOk };
}

function statusOf(line: Readonly<Record<string, unknown>>): string {
  return `${String(line['http.response.status_code'])} ${String(line['complete'])}`;
}
