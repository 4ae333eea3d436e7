import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backend, closedPort, collect, echo } from '../../support/applications/backend.ts';
import { FrameClient } from '../../support/routers/frame-client.ts';
import { startStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const KEY = 'raw:1';

test('carries octets both ways and accepts the request at its end', async () => {
  await using backend = await Backend.start(echo);
  await using standin = await startStandin();
  standin.router.addConnector(KEY, backend.address);
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY);

  client.openStream(0, { to: KEY, replyTo });
  await client.received('transfer');
  client.octets(0, Buffer.from('hello'));
  client.octets(0, Buffer.from(' there'), false);
  const outcome = await client.received('disposition');
  await waitUntil('final transfer', () =>
    client.frames('transfer').some(({ performative }) => performative.more !== true),
  );

  assert.deepEqual(outcome.performative.state, { kind: 'accepted' });
  assert.equal(outcome.performative.settled, true);
  assert.match(client.payload().toString('latin1'), /hello there$/);
  assert.deepEqual(standin.router.violations, []);
});

test('opens the response only when the backend is connected, and refuses with modified', async () => {
  await using standin = await startStandin();
  standin.router.addConnector(KEY, { host: '127.0.0.1', port: await closedPort() });
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY);

  client.openStream(0, { to: KEY, replyTo });
  const outcome = await client.received('disposition');

  assert.equal(outcome.performative.state?.kind, 'modified');
  assert.equal(client.frames('transfer').length, 0);
});

test('grants credit only when a consumer appears', async () => {
  await using backend = await Backend.start(echo);
  await using standin = await startStandin();
  using client = await FrameClient.open(standin.link);
  await client.lane(0, KEY);

  const before = client.frames('flow').length;
  standin.router.addConnector(KEY, backend.address);
  const flow = await client.received('flow');

  assert.equal(before, 0);
  assert.equal(flow.performative.linkCredit, 250);
});

test('closes the connection of a client that overruns the octet window', async () => {
  await using backend = await Backend.start((socket) => socket.pause());
  await using standin = await startStandin();
  standin.router.addConnector(KEY, backend.address);
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY);
  client.openStream(0, { to: KEY, replyTo });
  await client.received('transfer');

  const chunk = Buffer.alloc(16_000);
  while (!client.isFinished) {
    client.octets(0, chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }

  const close = await client.received('close');
  assert.equal(close.performative.error?.condition, 'amqp:resource-limit-exceeded');
  assert.equal(standin.router.violations[0]?.kind, 'octet-window-overrun');
});

test('stops a response after one window until it is acknowledged', async () => {
  const octets = Buffer.alloc(3_000_000, 'a');
  await using backend = await Backend.start((socket) => socket.end(octets));
  await using standin = await startStandin();
  standin.router.addConnector(KEY, backend.address);
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY, { incomingWindow: 1_000 });
  client.openStream(0, { to: KEY, replyTo });

  await waitUntil('one window', () => client.payload().length >= 1_042_432);
  for (let trips = 0; trips < 10; trips += 1) await client.roundTrip(0);
  const stopped = client.payload().length;
  for (let acknowledged = stopped; acknowledged < octets.length;) {
    const state = { kind: 'received', sectionNumber: 0, sectionOffset: acknowledged } as const;
    client.send(0, { kind: 'disposition', role: true, first: 0, last: 0, settled: false, state });
    const wanted = Math.min(acknowledged + 521_216, octets.length);
    await waitUntil('more', () => client.payload().length >= wanted);
    acknowledged = client.payload().length;
  }

  assert.ok(stopped < 1_200_000, `stopped after ${stopped} octets`);
  assert.ok(client.payload().length >= octets.length);
});

test('acknowledges what the backend took each 521,216 octets', async () => {
  await using backend = await Backend.start();
  await using standin = await startStandin();
  standin.router.addConnector(KEY, backend.address);
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY);
  client.openStream(0, { to: KEY, replyTo });
  await client.received('transfer');
  const taken = collect(await backend.connection());

  for (let sent = 0; sent < 600_000; sent += 15_000) client.octets(0, Buffer.alloc(15_000));
  const { performative } = await client.received('disposition');

  assert.ok(performative.state?.kind === 'received');
  assert.ok(performative.state.sectionOffset >= 521_216);
  await waitUntil('all octets', () => taken.octets().length === 600_000);
});

test('gives the backend a plain FIN when the client aborts', async () => {
  await using backend = await Backend.start();
  await using standin = await startStandin();
  standin.router.addConnector(KEY, backend.address);
  using client = await FrameClient.open(standin.link);
  const replyTo = await client.lane(0, KEY);
  client.openStream(0, { to: KEY, replyTo });
  await client.received('transfer');
  const taken = collect(await backend.connection());

  client.octets(0, Buffer.from('cut off'));
  client.send(0, { kind: 'transfer', handle: 1, settled: true, more: false, aborted: true });
  client.send(0, { kind: 'end' });
  await client.received('end');

  await waitUntil('FIN', () => taken.isEnded);
  assert.equal(taken.octets().toString(), 'cut off');
  assert.equal(standin.router.streamCount(), 0);
});
