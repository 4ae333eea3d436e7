import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { Backend, closedPort, collect, echo } from '../../support/applications/backend.ts';
import { realHello } from '../../support/clients/client-hello.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import {
  failureOf,
  passthroughPolicy,
  rawClient as rawClientOf,
  tcpFiles,
} from '../../support/gateway/passthrough.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const LIMIT_MS = 20_000;

let router: RunningRouter;
let gateway: TestGateway;
let backend: Backend;
let serve: (socket: Socket) => void;
let hello: Buffer;

before(async () => {
  backend = await Backend.start((socket) => serve(socket));
  router = await startRouter({
    connectors: {
      'raw:1': backend.address,
      'refused:1': { host: '127.0.0.1', port: await closedPort() },
    },
    tcpListeners: ['raw:1', 'secure:1'],
  });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: passthroughPolicy(router),
    files: tcpFiles(router),
  });
  hello = await realHello('raw.pass.test');
});

beforeEach(async () => {
  serve = echo;
  for (const socket of backend.connections) socket.destroy();
  backend.connections.length = 0;
  await nothingIsOpen();
  gateway.records.length = 0;
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await backend?.[Symbol.asyncDispose]();
});

test('a client that fails is a failure to the application, which sees an end', async () => {
  serve = () => {};
  const client = await rawClient();
  client.write(hello);
  const connection = await backend.connection();
  const closed = once(connection.resume(), 'end');

  client.resetAndDestroy();
  await closed;
  const line = await gateway.record();

  assert.equal(line['fault'], 'client_gone');
  assert.equal(line['complete'], false);
});

test('an application that resets is a reset to the client, never an end', async () => {
  serve = () => {};
  const client = await rawClient();
  const outcome = failureOf(client);
  client.write(hello);
  const connection = await backend.connection();
  connection.write('some');
  await waitUntil('octets', () => client.bytesRead === 4);

  connection.resetAndDestroy();

  assert.equal(await outcome, 'ECONNRESET');
  assert.equal((await gateway.record())['fault'], 'upstream_reset');
});

for (const [name, fault] of [
  ['refused.pass.test', 'upstream_connect_failed'],
  ['nobody.pass.test', 'service_unavailable'],
] as const) {
  test(`no connection to the application closes the client's: ${fault}`, async () => {
    const client = await rawClient();
    const received = collect(client);

    client.write(await realHello(name));
    await waitUntil('the end', () => received.isEnded);
    client.destroy();
    const line = await gateway.record();

    assert.equal(received.octets().length, 0);
    assert.equal(line['fault'], fault);
    assert.equal(line['from_client_bytes'], 0);
  });
}

test('silence both ways ends the connection after the idle time of the service', async () => {
  serve = () => {};
  const client = await rawClient();
  const outcome = failureOf(client);

  client.write(await realHello('idle.pass.test'));

  assert.equal(await outcome, 'ECONNRESET');
  assert.equal((await gateway.record())['fault'], 'upstream_idle_timeout');
});

test('connections beyond the limit of the route are closed at once; ended ones make room', async () => {
  serve = () => {};
  const name = await realHello('two.pass.test');
  const [first, second, third] = [await rawClient(), await rawClient(), await rawClient()];
  first.write(name);
  second.write(name);
  await waitUntil('two connections', () => backend.connections.length === 2);

  third.write(name);
  await once(third.resume(), 'end');
  third.destroy();
  const refused = await gateway.record();
  first.resetAndDestroy();
  await gateway.record(2);
  const fourth = await rawClient();
  fourth.write(name);
  await waitUntil('a third connection', () => backend.connections.length === 3);
  for (const client of [second, fourth]) client.resetAndDestroy();

  assert.equal(refused['refusal'], 'concurrency_limited');
  assert.match(String(refused['reason_detail']), /routes\.two|two\.connections/);
});

test('a reload that drops the route keeps the connections that it had', async () => {
  const client = await rawClient();
  const received = collect(client);
  client.write(hello);
  await waitUntil('the echo', () => received.octets().length === hello.length);

  await gateway.reload({
    'policy.yaml': passthroughPolicy(router).replace(/^ {2}raw: .*passthrough.*$/m, ''),
  });
  client.write('still here');
  await waitUntil('the echo', () => received.octets().length === hello.length + 10);
  const late = await rawClient();
  const answer = collect(late);
  late.write(hello);
  await waitUntil('a handshake of the gateway', () => answer.octets().length > 0);
  late.destroy();
  await gateway.reload({ 'policy.yaml': passthroughPolicy(router) });
  client.end();
  const line = await gateway.record();

  // The echo of a ClientHello would be one; the gateway's own answer is a ServerHello.
  assert.equal(answer.octets()[5], 2);
  assert.equal(backend.connections.length, 1);
  assert.equal(line['route'], 'raw');
  assert.equal(line['complete'], true);
});

test('metrics count what is open, how connections ended, and octets', async () => {
  const client = await rawClient();
  client.write(hello);
  await waitUntil('one open', () => gauge('fairlead_passthrough_connections') === 1);
  client.end();
  client.resume();
  await gateway.record();
  const text = gateway.gateway.metrics.render();

  assert.equal(gauge('fairlead_passthrough_connections'), 0);
  assert.match(text, /passthrough_connections_total\{route="raw",end="complete"\} \d+/);
  assert.match(text, /passthrough_bytes_total\{route="raw",direction="from_client"\} \d+/);
});

test('a router that dies resets the clients, and new ones are served when it is back', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, rawClient));
  const outcomes = clients.map(failureOf);
  for (const client of clients) client.write(hello);
  await waitUntil('eight echoes', () => clients.every((it) => it.bytesRead === hello.length));

  await router.kill();
  const seen = await Promise.all(outcomes);
  await router.restart();
  await waitUntil('the gateway is ready', () => gateway.gateway.isReady, LIMIT_MS);
  const next = await rawClient();
  next.write(hello);
  await waitUntil('an echo', () => next.bytesRead === hello.length, LIMIT_MS);
  next.destroy();

  assert.deepEqual(
    seen,
    clients.map(() => 'ECONNRESET'),
  );
  const faults = gateway.records.slice(0, 8).map((line) => line['fault']);
  assert.deepEqual(
    faults,
    clients.map(() => 'upstream_reset'),
  );
});

test('drain leaves the connections until its limit, then resets them', async () => {
  await using drained = await TestGateway.start({
    links: [router.link],
    gateway: 'drain: { delay: 1ms, limit: 300ms }',
    policy: passthroughPolicy(router),
    files: tcpFiles(router),
  });
  const client = await rawClientOf(drained.port);
  const outcome = failureOf(client);
  client.write(hello);
  await waitUntil('the echo', () => client.bytesRead === hello.length);

  const draining = drained.gateway.drain();
  client.write('x');
  await waitUntil('served on', () => client.bytesRead === hello.length + 1);
  await draining;

  assert.equal(await outcome, 'ECONNRESET');
  assert.equal((await drained.record())['fault'], 'draining');
});

function rawClient(): Promise<Socket> {
  return rawClientOf(gateway.port);
}

function gauge(name: string): number {
  return metricValue(gateway.gateway.metrics.render(), name);
}

function nothingIsOpen(): Promise<void> {
  const open = () => gauge('fairlead_passthrough_connections') + gauge('fairlead_lanes');
  return waitUntil('no connection and no lane', () => open() === 0, LIMIT_MS);
}
