import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { collect } from '../../support/applications/backend.ts';
import { realHello } from '../../support/clients/client-hello.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { PassthroughScene } from '../../support/gateway/passthrough-scene.ts';
import {
  failureOf,
  passthroughPolicy,
  rawClient as rawClientOf,
  tcpFiles,
} from '../../support/gateway/passthrough.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const LIMIT_MS = 20_000;

const scene = PassthroughScene.forFile();

test('a client that fails is a failure to the application, which sees an end', async () => {
  scene.serve = () => {};
  const client = await scene.client();
  client.write(scene.hello);
  const connection = await scene.backend.connection();
  const closed = once(connection.resume(), 'end');

  client.resetAndDestroy();
  await closed;
  const line = await scene.gateway.record();

  assert.equal(line['fault'], 'client_gone');
  assert.equal(line['complete'], false);
});

test('an application that resets is a reset to the client, never an end', async () => {
  scene.serve = () => {};
  const client = await scene.client();
  const outcome = failureOf(client);
  client.write(scene.hello);
  const connection = await scene.backend.connection();
  connection.write('some');
  await waitUntil('octets', () => client.bytesRead === 4);

  connection.resetAndDestroy();

  assert.equal(await outcome, 'ECONNRESET');
  assert.equal((await scene.gateway.record())['fault'], 'upstream_reset');
});

for (const [name, fault] of [
  ['refused.pass.test', 'upstream_connect_failed'],
  ['nobody.pass.test', 'service_unavailable'],
] as const) {
  test(`no connection to the application closes the client's: ${fault}`, async () => {
    const client = await scene.client();
    const received = collect(client);

    client.write(await realHello(name));
    await waitUntil('the end', () => received.isEnded);
    client.destroy();
    const line = await scene.gateway.record();

    assert.equal(received.octets().length, 0);
    assert.equal(line['fault'], fault);
    assert.equal(line['from_client_bytes'], 0);
  });
}

test('silence both ways ends the connection after the idle time of the service', async () => {
  scene.serve = () => {};
  const client = await scene.client();
  const outcome = failureOf(client);

  client.write(await realHello('idle.pass.test'));

  assert.equal(await outcome, 'ECONNRESET');
  assert.equal((await scene.gateway.record())['fault'], 'upstream_idle_timeout');
});

test('connections beyond the limit of the route are closed at once; ended ones make room', async () => {
  scene.serve = () => {};
  const name = await realHello('two.pass.test');
  const [first, second, third] = [await scene.client(), await scene.client(), await scene.client()];
  first.write(name);
  second.write(name);
  await waitUntil('two connections', () => scene.backend.connections.length === 2);

  third.write(name);
  await once(third.resume(), 'end');
  third.destroy();
  const refused = await scene.gateway.record();
  first.resetAndDestroy();
  await scene.gateway.record(2);
  const fourth = await scene.client();
  fourth.write(name);
  await waitUntil('a third connection', () => scene.backend.connections.length === 3);
  for (const client of [second, fourth]) client.resetAndDestroy();

  assert.equal(refused['refusal'], 'concurrency_limited');
  assert.match(String(refused['reason_detail']), /routes\.two|two\.connections/);
});

test('a reload that drops the route keeps the connections that it had', async () => {
  const client = await scene.client();
  const received = collect(client);
  client.write(scene.hello);
  await waitUntil('the echo', () => received.octets().length === scene.hello.length);

  await scene.gateway.reload({
    'policy.yaml': passthroughPolicy(scene.router).replace(/^ {2}raw: .*passthrough.*$/m, ''),
  });
  client.write('still here');
  await waitUntil('the echo', () => received.octets().length === scene.hello.length + 10);
  const late = await scene.client();
  const answer = collect(late);
  late.write(scene.hello);
  await waitUntil('a handshake of the gateway', () => answer.octets().length > 0);
  late.destroy();
  await scene.gateway.reload({ 'policy.yaml': passthroughPolicy(scene.router) });
  client.end();
  const line = await scene.gateway.record();

  // The echo of a ClientHello would be one; the gateway's own answer is a ServerHello.
  assert.equal(answer.octets()[5], 2);
  assert.equal(scene.backend.connections.length, 1);
  assert.equal(line['route'], 'raw');
  assert.equal(line['complete'], true);
});

test('metrics count what is open, how connections ended, and octets', async () => {
  const client = await scene.client();
  client.write(scene.hello);
  await waitUntil('one open', () => scene.gauge('fairlead_passthrough_connections') === 1);
  client.end();
  client.resume();
  await scene.gateway.record();
  const text = scene.gateway.gateway.metrics.render();

  assert.equal(scene.gauge('fairlead_passthrough_connections'), 0);
  assert.match(text, /passthrough_connections_total\{route="raw",end="complete"\} \d+/);
  assert.match(text, /passthrough_bytes_total\{route="raw",direction="from_client"\} \d+/);
});

test('a router that dies resets the clients, and new ones are served when it is back', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => scene.client()));
  const outcomes = clients.map(failureOf);
  for (const client of clients) client.write(scene.hello);
  await waitUntil('eight echoes', () => clients.every((it) => it.bytesRead === scene.hello.length));

  await scene.router.kill();
  const seen = await Promise.all(outcomes);
  await scene.router.restart();
  await waitUntil('the gateway is ready', () => scene.gateway.gateway.isReady, LIMIT_MS);
  const next = await scene.client();
  next.write(scene.hello);
  await waitUntil('an echo', () => next.bytesRead === scene.hello.length, LIMIT_MS);
  next.destroy();

  assert.deepEqual(
    seen,
    clients.map(() => 'ECONNRESET'),
  );
  const faults = scene.gateway.records.slice(0, 8).map((line) => line['fault']);
  assert.deepEqual(
    faults,
    clients.map(() => 'upstream_reset'),
  );
});

test('drain leaves the connections until its limit, then resets them', async () => {
  await using drained = await TestGateway.start({
    links: [scene.router.link],
    gateway: 'drain: { delay: 1ms, limit: 300ms }',
    policy: passthroughPolicy(scene.router),
    files: tcpFiles(scene.router),
  });
  const client = await rawClientOf(drained.port);
  const outcome = failureOf(client);
  client.write(scene.hello);
  await waitUntil('the echo', () => client.bytesRead === scene.hello.length);

  const draining = drained.gateway.drain();
  client.write('x');
  await waitUntil('served on', () => client.bytesRead === scene.hello.length + 1);
  await draining;

  assert.equal(await outcome, 'ECONNRESET');
  assert.equal((await drained.record())['fault'], 'draining');
});
